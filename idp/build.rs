//! Embeds the page, mail and SMS templates, and checks their syntax while building.

fn main() {
    minijinja_embed::embed_templates!("templates", &[".html", ".txt"][..]);
    // `templates` is a link to the workspace's folder; watch what it points to.
    if let Ok(folder) = std::fs::canonicalize("templates") {
        println!("cargo:rerun-if-changed={}", folder.display());
    }
}
