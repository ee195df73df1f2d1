"""The tables of content and of what visitors write: blogs, text pages, redirects, tickets, contacts, subscriptions."""

from __future__ import annotations

from sandbox.lightspeed.fields import (
    Bool,
    Choice,
    Field,
    Instant,
    Language,
    Many,
    Plain,
    Ref,
    Text,
    Whole,
    Words,
)
from sandbox.lightspeed.resource import Resource, stamps
from sandbox.lightspeed.shapes import Picture

BLOGS = Resource(
    "blogs",
    "blogs",
    "blog",
    "LNGCUD",
    (
        *stamps(),
        Whole("sortOrder", 1, "rw"),
        Words("commentable", "disabled", "rw"),
        Text("url", "", "rw"),
        Text("title", "", "rw"),
        Many("articles", url="blogs/articles?blog={id}"),
        Many("comments", url="blogs/comments?blog={id}"),
        Many("tags", url="blogs/tags?blog={id}"),
    ),
    "content",
    required=("title",),
)

BLOG_ARTICLES = Resource(
    "blogs/articles",
    "blogArticles",
    "blogArticle",
    "LNGCUD",
    (
        *stamps(),
        Instant("publishedAt", None, "rw"),
        Bool("isPublished", False, "rw"),
        Text("url", "", "rw"),
        Text("title", "", "rw"),
        Words("author", "", "rw"),
        Text("summary", "", "rw"),
        Text("content", "", "rw"),
        Picture("image", False),
        Language("language", False, "rw"),
        Ref("blog", write="rw", target="blogs"),
        Many("comments", url="blogs/comments?article={id}"),
        Many("tags", url="blogs/articles/tags?article={id}"),
    ),
    "content",
    {"blog": "blog"},
    required=("title", "blog"),
    index=("blog",),
)

BLOG_TAGS = Resource(
    "blogs/tags",
    "blogTags",
    "blogTag",
    "LNGCUD",
    (
        *stamps(),
        Text("url", "", "rw"),
        Text("title", "", "rw"),
        Ref("blog", write="rw", target="blogs"),
        Many("articles", url="blogs/articles/tags?tag={id}"),
    ),
    "content",
    {"blog": "blog"},
    required=("title", "blog"),
    index=("blog",),
)

BLOG_ARTICLE_TAGS = Resource(
    "blogs/articles/tags",
    "blogArticleTags",
    "blogArticleTag",
    "LNGCD",
    (
        Field("id"),
        Ref("blog", write="c", target="blogs"),
        Ref("article", write="c", target="blogs/articles"),
        Ref("tag", write="c", target="blogs/tags"),
    ),
    "content",
    {"blog": "blog", "article": "article", "tag": "tag"},
    required=("article", "tag"),
    index=("blog", "article", "tag"),
    unique=("article", "tag"),
)

BLOG_COMMENTS = Resource(
    "blogs/comments",
    "blogComments",
    "blogComment",
    "LNGCUD",
    (
        *stamps(),
        Bool("isApproved", False, "rw"),
        Words("from", "", "rw"),
        Words("name", "", "rw"),
        Words("email", "", "rw"),
        Words("content", "", "rw"),
        Language("language", False, "rw"),
        Ref("blog", write="rw", target="blogs"),
        Ref("article", write="rw", target="blogs/articles"),
        Ref("customer", write="rw", target="customers"),
    ),
    "content",
    {"blog": "blog", "article": "article"},
    required=("article", "content"),
    index=("blog", "article", "customer"),
)

TEXT_PAGES = Resource(
    "textpages",
    "textpages",
    "textpage",
    "LNGCUD",
    (
        *stamps(),
        Bool("isLocked", False),
        Bool("isVisible", True, "rw"),
        Whole("sortOrder", 1, "rw"),
        *(Text(name, "", "rw") for name in ("url", "title", "content")),
    ),
    "content",
    required=("title",),
)

REDIRECTS = Resource(
    "redirects",
    "redirects",
    "redirect",
    "LNGCUD",
    (*stamps(), Bool("isPermanent", True, "rw"), Words("url", "", "rw"), Words("target", "", "rw")),
    "content",
    required=("url", "target"),
)

THEME_CATEGORIES = Resource(
    "theme/categories",
    "themeCategories",
    "themeCategory",
    "LNGCUD",
    (Field("id"), Plain("shopId", 0), Plain("categoryId", 0, "rw"), Whole("sortOrder", 1, "rw")),
    "content",
    required=("categoryId",),
)

THEME_PRODUCTS = Resource(
    "theme/products",
    "themeProducts",
    "themeProduct",
    "LNGCUD",
    (Field("id"), Plain("productId", 0, "rw"), Whole("sortOrder", 1, "rw")),
    "content",
    required=("productId",),
)

CONTACTS = Resource(
    "contacts",
    "contacts",
    "contact",
    "LNG",
    (
        *stamps(updated=False),
        *(Words(name, "") for name in ("name", "company", "email", "phone", "subject", "message")),
        Language("language", False),
    ),
    "customers",
)

SUBSCRIPTIONS = Resource(
    "subscriptions",
    "subscriptions",
    "subscription",
    "LNGCUD",
    (
        *stamps(),
        Bool("isConfirmed", False, "rw"),
        *(Words(name, "", "rw") for name in ("email", "firstname", "lastname")),
        Bool("doNotifyConfirmed", False, "rw"),
        Language("language", False, "rw"),
    ),
    "customers",
    required=("email",),
    index=("email",),
    unique=("email",),
)

TICKETS = Resource(
    "tickets",
    "tickets",
    "ticket",
    "LNGCUD",
    (
        *stamps(),
        *(Bool(name, False, "rw") for name in ("isAnswered", "isClosed", "isTodo")),
        Words("subject", "", "rw"),
        Words("memo", "", "rw"),
        Bool("doNotifyAnswered", False, "rw"),
        Language("language", False, "rw"),
        Ref("customer", write="rw", target="customers"),
        Many("messages", url="tickets/{id}/messages"),
    ),
    "customers",
    {"customer": "customer"},
    required=("subject", "customer"),
    index=("customer",),
)

TICKET_MESSAGES = Resource(
    "tickets/{}/messages",
    "ticketMessages",
    "ticketMessage",
    "LNGCUD",
    # From whom: the names of the two sides are assumed.
    (*stamps(), Choice("from", "shop", "rw", values=("shop", "customer")), Words("message", "", "rw")),
    "customers",
    required=("message",),
    parent="tickets",
    index=("_parent",),
)

ALL = (
    BLOGS,
    BLOG_ARTICLES,
    BLOG_TAGS,
    BLOG_ARTICLE_TAGS,
    BLOG_COMMENTS,
    TEXT_PAGES,
    REDIRECTS,
    THEME_CATEGORIES,
    THEME_PRODUCTS,
    CONTACTS,
    SUBSCRIPTIONS,
    TICKETS,
    TICKET_MESSAGES,
)
"""The tables of this module."""
