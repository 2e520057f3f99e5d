#![doc = include_str!("guide/links.md")]
#![doc = include_str!("guide/README.md")]

// A page's links work in the repository by the definitions at its end, and here by those of
// `links.md`: of two definitions of a link, the first one counts. A test of a page's code has the
// name of what comes first, and no use for links.
macro_rules! pages {
    ($($name:ident)*) => {$(
        #[cfg_attr(not(doctest), doc = include_str!("guide/links.md"))]
        #[doc = include_str!(concat!("guide/", stringify!($name), ".md"))]
        pub mod $name {}
    )*};
}

// The code of these is of adapters and of features, so `conformance` compiles it.
macro_rules! pages_with_code_of_adapters {
    ($($name:ident)*) => {$(
        #[cfg_attr(not(doctest), doc = include_str!("guide/links.md"))]
        #[cfg_attr(not(doctest), doc = include_str!(concat!("guide/", stringify!($name), ".md")))]
        pub mod $name {}
    )*};
}

pages! {
    browser_messages
    deployment
    edge
    forgery
    from_python
    from_rust
    local_servers
    on_the_wire
    origins_from_a_database
    several_policies
    signing_in
    threats
}

pages_with_code_of_adapters! {
    frameworks
    policy_files
    testing
    what_is_told
}

// The code of this one is of other crates too: `conformance/peers` compiles it.
#[cfg_attr(not(doctest), doc = include_str!("guide/links.md"))]
#[cfg_attr(not(doctest), doc = include_str!("guide/from_rust_services.md"))]
pub mod from_rust_services {}

#[cfg_attr(not(doctest), doc = include_str!("guide/links.md"))]
#[doc = include_str!("guide/writing_an_adapter.md")]
#[doc = concat!("```ignore\n", include_str!("guide/writing_an_adapter/adapter.rs"), "```\n")]
#[doc = include_str!("guide/writing_an_adapter/explained.md")]
pub mod writing_an_adapter {}
