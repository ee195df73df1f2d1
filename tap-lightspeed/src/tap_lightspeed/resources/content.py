"""Pages, blogs, files, and what people wrote to the shop."""

from __future__ import annotations

from tap_lightspeed.resources._make import child, listed, only_image
from tap_lightspeed.schema import (
    booleans,
    flag,
    image,
    instant,
    instants,
    integer,
    integers,
    language,
    references,
    stamps,
    texts,
)

ARTICLES = listed(
    "blogs/articles",
    "An article of a blog.",
    {
        **instants("createdAt", "updatedAt", "publishedAt"),
        **booleans("isPublished"),
        **texts("url", "title", "author", "summary", "content"),
        "image": image(),
        "language": language(),
        **references("blog"),
    },
    texts=True,
)
TICKETS = listed(
    "tickets",
    "A conversation with a customer.",
    {
        **stamps(),
        **booleans("isAnswered", "isClosed", "isTodo"),
        **texts("subject", "memo"),
        **booleans("doNotifyAnswered"),
        "language": language(),
        **references("customer"),
    },
)

ALL = (
    listed(
        "textpages",
        "A page of text.",
        {**stamps(), **booleans("isLocked", "isVisible"), "sortOrder": integer(), **texts("url", "title", "content")},
        texts=True,
    ),
    listed(
        "blogs",
        "A blog.",
        {**stamps(), "sortOrder": integer(), "commentable": flag(), **texts("url", "title")},
        texts=True,
    ),
    ARTICLES,
    only_image(ARTICLES, "The image of an article."),
    listed("blogs/articles/tags", "That an article has a tag.", references("blog", "article", "tag"), changes=None),
    listed(
        "blogs/comments",
        "A comment on an article.",
        {
            **stamps(),
            **booleans("isApproved"),
            **texts("from", "name", "email", "content"),
            "language": language(),
            **references("blog", "article", "customer"),
        },
    ),
    listed("blogs/tags", "A tag of a blog.", {**stamps(), **texts("url", "title"), **references("blog")}, texts=True),
    listed("files", "A file.", {**stamps(), **texts("type", "extension"), "size": integer(), **texts("title", "src")}),
    listed(
        "redirects",
        "An address that leads to another one.",
        {**stamps(), "isPermanent": flag(), **texts("url", "target")},
    ),
    listed(
        "theme/categories",
        "A category on the front page.",
        integers("shopId", "categoryId", "sortOrder"),
        changes=None,
    ),
    listed("theme/products", "A product on the front page.", integers("productId", "sortOrder"), changes=None),
    TICKETS,
    child(
        "tickets/{}/messages",
        "Messages of a ticket.",
        {**stamps(), **texts("from", "message")},
        TICKETS,
    ),
    listed(
        "contacts",
        "A message sent with the contact form.",
        {
            "createdAt": instant(),
            **texts("name", "company", "email", "phone", "subject", "message"),
            "language": language(),
        },
        changes="createdAt",
    ),
    listed(
        "subscriptions",
        "A subscription to the newsletter.",
        {
            **stamps(),
            **booleans("isConfirmed"),
            **texts("email", "firstname", "lastname"),
            **booleans("doNotifyConfirmed"),
            "language": language(),
        },
    ),
    listed(
        "webhooks",
        "An address that the shop calls.",
        {
            **stamps(),
            **booleans("isActive"),
            **texts("itemGroup", "itemAction"),
            "language": language(),
            **texts("format", "address"),
        },
    ),
)
"""The streams of this module."""
