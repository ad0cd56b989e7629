//! Colors of the HTML bodies, which are those of the product's pages.

/// Colors of one color scheme, in the notation of CSS.
pub(super) struct Palette {
    /// Background of the mail.
    pub(super) page: &'static str,
    /// Background of the card with the content.
    pub(super) card: &'static str,
    /// Borders.
    pub(super) line: &'static str,
    /// Text.
    pub(super) text: &'static str,
    /// Secondary text.
    pub(super) soft: &'static str,
    /// Links, and the background of the button.
    pub(super) accent: &'static str,
    /// Text on the button.
    pub(super) on_accent: &'static str,
}

/// Colors of the light scheme.
pub(super) const LIGHT: Palette = Palette {
    page: "#f6f7f8",
    card: "#ffffff",
    line: "#d9dde0",
    text: "#16191b",
    soft: "#545c62",
    accent: "#0b5f57",
    on_accent: "#ffffff",
};

/// Colors of the dark scheme.
pub(super) const DARK: Palette = Palette {
    page: "#101314",
    card: "#181c1e",
    line: "#30373b",
    text: "#e8ebec",
    soft: "#a3adb3",
    accent: "#5fd0c0",
    on_accent: "#06201d",
};
