//! The API for the authors of adapters: see [Writing an adapter](crate::guide::writing_an_adapter).
//!
//! There are two levels. An adapter for a framework whose header map owns its values implements
//! [`HeaderTypes`], and gets the whole engine: [`PreparedPolicies`] and [`Exchange`]. An adapter
//! for one whose values borrow, or whose header map is guarded, implements [`RequestHead`] and
//! [`ResponseHead`], and applies a [`BoundDecision`].
//!
//! No permission leaves the evaluation that gave it: what is applied to a response always has the
//! policy and the decision together.

mod bound_decision;
#[cfg(feature = "browser")]
mod browser;
mod decided;
mod event;
mod exchange;
mod header_types;
#[cfg(feature = "http")]
mod http1;
mod kept_head;
mod marks;
mod mistake;
mod options;
mod plain;
mod plain_ways;
mod prepared;
mod prepared_policy;
mod request_view;
mod shadow;
mod source;
mod stack;
mod told;
mod value_table;
mod writer;

pub use self::bound_decision::BoundDecision;
pub use self::event::{DecisionEvent, Listeners};
pub use self::exchange::{Begun, Exchange, PendingExchange};
pub use self::header_types::{HeaderTypes, RequestParts, ResponseParts};
#[cfg(feature = "http")]
pub use self::http1::Http1;
pub use self::kept_head::KeptHead;
pub use self::marks::InnerPolicyApplied;
pub use self::mistake::{Mistake, MistakeKind};
pub use self::options::AdapterOptions;
pub use self::prepared::PreparedPolicies;
pub use self::prepared_policy::Prepared;
pub use self::request_view::RequestView;
pub use self::shadow::{Difference, Shadow};
pub use self::source::PolicySource;
pub use self::stack::{Mistakes, Watched};
pub use crate::evaluate::pending::{Evaluation, PendingDecision};
pub use crate::policy::allowed_headers::{
    MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_EMPTY, MAX_REQUEST_HEADERS_LINES,
    MAX_REQUEST_HEADERS_NAMES,
};
pub use crate::policy::installed::InstalledPolicy;
pub use crate::policy::setting_text::{AsText, SettingText, SettingTexts};
pub use crate::protocol::field::{RequestField, ResponseField};
pub use crate::protocol::request::{FieldValue, RequestHead};
pub use crate::protocol::response::ResponseHead;
