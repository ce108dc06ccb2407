#!/usr/bin/env bash
# Packs the library crates and looks whether the linked folders (templates/, migrations/) are in them.
. "$(dirname "$0")/lib.sh"

need_rust
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

for link in migrations templates; do
    [ "$(readlink "idp/$link")" = "../$link" ] || die "idp/$link must be a link to ../$link"
done

# While working the tree is dirty; in continuous integration it is what was committed.
dirty=(--allow-dirty)
[ -z "${CI:-}" ] || dirty=()
# Packed together, so that a crate finds its unpublished neighbours. Compiling them again would show nothing new.
cargo package --quiet "${locked[@]}" "${dirty[@]}" --no-verify -p poterne-protocol -p poterne-idp -p poterne-admin

packed=$(tar -tzf "target/package/poterne-idp-$version.crate")
lacking=0
while IFS= read -r file; do
    if ! grep -qxF "poterne-idp-$version/$file" <<<"$packed"; then
        printf 'missing in the package of poterne-idp: %s\n' "$file" >&2
        lacking=1
    fi
done < <(git ls-files --cached --others --exclude-standard migrations templates)
[ "$lacking" = 0 ] || die "what poterne-idp embeds must be in its package"
say "packed: $(cd target/package && ls -- *"-$version.crate" | tr '\n' ' ')"
