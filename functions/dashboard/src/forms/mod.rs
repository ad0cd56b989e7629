//! Forms of the pages: reading and checking what a browser submits, and showing a form again after an error.
//!
//! | file | contents |
//! |---|---|
//! | `layer.rs` | the middleware around every page: same-site check, CSRF token, renewed proof of identity |
//! | `fields.rs`, `uploaded_file.rs`, `multipart.rs` | the submitted fields and files |
//! | `form_token.rs` | the CSRF token of each form |
//! | `form.rs` | a form as templates see it |
//! | `form_state.rs` | what was typed and what was wrong with it |
//! | `error_text.rs` | the sentence that a person reads for each error |
//! | `bearer_fields.rs` | the fields that the forms of tokens and API keys share |
//! | `draft.rs` | keeps what was typed while the person signs in again |

mod bearer_fields;
mod draft;
mod error_text;
mod fields;
mod form;
mod form_state;
mod form_token;
mod layer;
mod multipart;
mod submission;
mod uploaded_file;

pub(crate) use bearer_fields::{ALL_SCOPES, BearerFields, LIFETIMES, PRESETS, ticked_scopes};
pub(crate) use error_text::{error_text, wait_text};
pub(crate) use fields::Fields;
pub(crate) use form::Form;
pub(crate) use form_state::FormState;
pub(crate) use form_token::FormTokens;
pub(crate) use layer::form_layer;
pub(crate) use submission::{PublicSubmission, Submission};
pub(crate) use uploaded_file::{MAX_FORM_FILE_BYTES, UploadedFile};
