//! Names of customers, and what tickets are marked with.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada", "Bruno", "Clara", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Keiko", "Liam", "Mara", "Nils",
    "Oona", "Pavel", "Quinn", "Rosa", "Sami", "Tilda", "Umar", "Vera", "Wim", "Xenia", "Yusuf", "Zoe",
];
pub(super) const LAST_NAMES: &[&str] = &[
    "Abernathy", "Brook", "Castell", "Dunmore", "Eastwood", "Falk", "Grove", "Holm", "Ivers", "Thicket", "Kestrel", "Larkin",
    "Marsh", "North", "Orchard", "Pine", "Quarry", "Hazel", "Stone", "Thorne", "Underhill", "Vale", "Weir", "York",
];
pub(super) const HOSTS: &[&str] = &["mail.example", "post.example", "inbox.example", "letters.example"];

/// Name and colour.
pub(super) const TAGS: &[(&str, &str)] = &[
    ("refund", "#F58D86"),
    ("return", "#F5C086"),
    ("exchange", "#F5E686"),
    ("shipping", "#B4A7D6"),
    ("late-parcel", "#C586F5"),
    ("lost-parcel", "#A386F5"),
    ("damaged", "#E57373"),
    ("sizing", "#A7D6A9"),
    ("voucher", "#FFB74D"),
    ("password-reset", "#86C5F5"),
    ("account", "#86A9F5"),
    ("vip", "#FFD700"),
    ("urgent", "#B71C1C"),
    ("wholesale", "#795548"),
    ("subscription", "#26A69A"),
    ("feedback", "#AED581"),
    ("auto-reply", "#B0BEC5"),
    ("address", "#D6A7C7"),
    ("international", "#A7D6D1"),
    ("stock", "#C9D6A7"),
    ("product-question", "#8BC34A"),
    ("checkout", "#FF8A65"),
    ("wrong-item", "#BA68C8"),
    ("cancellation", "#90A4AE"),
    ("billing", "#4DB6AC"),
    ("invoice", "#4DD0E1"),
    ("complaint", "#D32F2F"),
    ("privacy", "#607D8B"),
    ("warranty", "#9E9D24"),
];
