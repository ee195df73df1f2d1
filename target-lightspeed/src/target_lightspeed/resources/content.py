"""Blogs, text pages, redirects, files, and the blocks of the home page (reference §10, §14.17)."""

from __future__ import annotations

from target_lightspeed.fields import CODE, INSTANT, TEXT, Field
from target_lightspeed.resource import Resource, booleans, integers, local, of, personal, ref, texts
from target_lightspeed.resources.catalogue import image

RESOURCES = (
    Resource(
        path="blogs",
        envelope="blog",
        verbs="CUD",
        fields=(*integers("sortOrder"), *texts("commentable"), *local("url", "title")),
        keys=(("title",),),
        required=("title",),
    ),
    Resource(
        path="blogs/articles",
        envelope="blogArticle",
        verbs="CUD",
        fields=(
            *of(INSTANT, "publishedAt"),
            *booleans("isPublished"),
            *local("url", "title"),
            *texts("author"),
            *local("summary", "content"),
            Field("language", CODE),
            ref("blog", "blogs"),
        ),
        keys=(("blog", "title"), ("title",)),
        required=("title",),
        filters={"blog": "blog"},
    ),
    image("blogs/articles", "blogArticleImage"),
    Resource(
        path="blogs/articles/tags",
        envelope="blogArticleTag",
        verbs="CD",
        fields=(
            ref("blog", "blogs", only_create=True),
            ref("article", "blogs_articles", only_create=True),
            ref("tag", "blogs_tags", only_create=True),
        ),
        keys=(("article", "tag"),),
        required=("article", "tag"),
    ),
    Resource(
        path="blogs/comments",
        envelope="blogComment",
        verbs="CUD",
        fields=(
            *booleans("isApproved"),
            *personal(*texts("from", "name", "email", "content")),
            Field("language", CODE),
            ref("blog", "blogs"),
            ref("article", "blogs_articles"),
            ref("customer", "customers"),
        ),
        keys=(("article", "name", "content"), ("article", "content")),
        required=("article", "content"),
        filters={"blog": "blog"},
    ),
    Resource(
        path="blogs/tags",
        envelope="blogTag",
        verbs="CUD",
        fields=(*local("url", "title"), ref("blog", "blogs")),
        keys=(("blog", "title"), ("title",)),
        required=("title",),
        filters={"blog": "blog"},
    ),
    Resource(
        path="files",
        envelope="file",
        verbs="CUD",
        fields=(
            Field("attachment", TEXT, hidden=True, only_create=True),
            Field("filename", TEXT, shown="title", only_create=True),
            *texts("title"),
        ),
        upload="list",
        required=("attachment",),
    ),
    Resource(
        path="redirects",
        envelope="redirect",
        verbs="CUD",
        fields=(*booleans("isPermanent"), *texts("url", "target")),
        keys=(("url",),),
        required=("url", "target"),
    ),
    Resource(
        path="textpages",
        envelope="textpage",
        verbs="CUD",
        fields=(*booleans("isVisible"), *integers("sortOrder"), *local("url", "title", "content")),
        keys=(("title",),),
        required=("title",),
    ),
    Resource(
        path="theme/categories",
        envelope="themeCategory",
        verbs="CUD",
        fields=(ref("categoryId", "categories", plain=True), *integers("sortOrder")),
        keys=(("categoryId",),),
        required=("categoryId",),
    ),
    Resource(
        path="theme/products",
        envelope="themeProduct",
        verbs="CUD",
        fields=(ref("productId", "products", plain=True), *integers("sortOrder")),
        keys=(("productId",),),
        required=("productId",),
    ),
)
