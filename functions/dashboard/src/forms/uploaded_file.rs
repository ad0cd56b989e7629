//! A file of a submitted form.

/// Maximum size of a file in a form, in bytes. The form with the file fits in one event of Lambda.
pub(crate) const MAX_FORM_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// A file that a form uploads.
#[derive(Clone, Debug)]
pub(crate) struct UploadedFile {
    /// The field's name.
    pub(crate) field: String,
    /// The file's name on the person's machine, without folders.
    pub(crate) name: String,
    /// The content type that the browser states, or an empty text.
    pub(crate) content_type: String,
    /// The file's content.
    pub(crate) bytes: Vec<u8>,
}
