//! A QR code as SVG, which needs no inline style.

use qrcodegen::{QrCode, QrCodeEcc};
use shared::error::{Error, Result};

/// White modules around the code, which scanners need (ISO/IEC 18004).
const QUIET_ZONE: i32 = 4;

/// A QR code as the parts of an `svg` element.
pub(super) struct QrSvg {
    /// Width and height with the quiet zone, in modules.
    pub(super) size: i32,
    /// The dark modules, as the data of a path.
    pub(super) path: String,
}

impl QrSvg {
    /// Encodes a text.
    ///
    /// # Errors
    /// `Internal` if the text is too long for a QR code.
    pub(super) fn encode(text: &str) -> Result<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(Error::internal)?;
        let mut path = String::new();
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET_ZONE, y + QUIET_ZONE));
            }
        }
        Ok(Self { size: code.size() + 2 * QUIET_ZONE, path })
    }
}
