#!/usr/bin/env bash
# Writes docs/acceptance.md: each row of the acceptance list with the tests that carry its number in their names.
# `--print` shows it instead. A row without a test is an error.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export LC_ALL=C

# The rows that this version promises, with what each asks for.
rows() {
    cat <<'ROWS'
V-01|The fund's own page leads to the portal's sign-in
V-02|The sign-in page guides who comes for the first time and who comes back
V-03|Coming back with e-mail address or AVS number
V-04|User name with a help mark, password, «Suivant»
V-05|Registering asks for no user name or password
V-06|A forgotten password
V-07|The choice of population, here the employer
V-08|The fund on every screen
V-09|The population as heading of every step
V-10|Five numbered steps
V-11|Company number, company name and code
V-12|Where company number and name are found
V-13|The code comes by post
V-14|Asking for the code again
V-15|Terms of use, read and accepted in step 1
V-16|Step 1 has «Suivant» and «Annuler» only
V-17|Title, names, e-mail and password in step 2
V-18|Eight characters of four groups
V-19|The rule stands on the page
V-20|The password twice
V-21|One address has one account across populations
V-22|The code is mailed at once
V-23|A hint about the spam folder
V-24|Steps 2 and 3 have «Retour», «Suivant», «Annuler»
V-25|Step 3 says where the code went and asks for it
V-26|The second factor is explained and chosen
V-27|The mobile number
V-28|Six digits by text message, signed by the fund
V-29|The code is typed
V-30|A QR code, and the app's code
V-31|Success, and on to the portal
V-32|«Déconnexion» ends the session
S-01|Two portals of one fund lead to the same sign-in
S-02|Registering asks for no user name or password
S-03|One entry for insured persons and pensioners
S-04|AVS number, date of birth, code
S-05|The code as printed on the statement
S-06|Terms of use in step 1
S-07|E-mail and password twice, no name
S-08|The rule for passwords
S-09|The mailed code comes at once
S-10|The code is asked for
S-11|The second factor is explained and chosen
S-12|The mobile number
S-13|Six digits by text message
S-14|An authenticator app
S-15|Success
S-16|«Déconnexion» ends the session
X-03|Registering with code and AVS number alone
X-07|Terms accepted after the first sign-in, before anything is seen
X-09|The password is changed by the little man
X-11|No reset by telephone
X-18|Text messages alone, where the fund wants that
C-01|The code of an affiliation makes the organisation's first login
C-11|A new code, and registering again
C-12|The code goes by post alone
C-14|The code is valid for 150 days
ROWS
}

# Lines of «row, tab, test», in the order of the files. A name begins with its rows: v_02_v_05_…, s_03_to_s_15_….
tests() {
    grep -rhoE --include='*.rs' 'fn [vsxc]_[0-9]{2}_[a-z0-9_]+' admin examples idp src tests/*.rs tests/flows tests/attacks tests/realms \
        | sed 's/^fn //' | sort -u
    grep -hoE "test\((['\"\`])[^'\"\`]*[vsxc]_[0-9]{2}[^'\"\`]*" tests/browser/*.test.mjs | sed -E "s/^test\(.//; s/^/browser: /" | sort -u
}

page() {
    say '# The acceptance list, row by row'
    say
    say 'V: employers (Valora). S: insured persons (Swisscanto). X: the portals of Pax. C: exfour connect. Made by `scripts/acceptance.sh` from the names'
    say 'of the tests; the test of the house fails when it is not current, or when a row has no test.'
    say
    say '| row | asks for | shown by |'
    say '|---|---|---|'
    { rows && say '--' && tests; } | awk '
        function carries(name, row,    rest, first, last) {
            rest = name
            while (match(rest, /[vsxc]_[0-9][0-9]/)) {
                first = substr(rest, RSTART, 4)
                # In Rust the rows stand before the words.
                if (name !~ /^browser: / && RSTART > 5) return 0
                rest = substr(rest, RSTART + 4)
                last = first
                if (match(rest, /^[_ ]to[_ ][vsxc]_[0-9][0-9]/)) {
                    last = substr(rest, 5, 4)
                    rest = substr(rest, 9)
                }
                if (substr(row, 1, 1) == substr(first, 1, 1) && row >= first && row <= last) return 1
            }
            return 0
        }
        $0 == "--" { reading = 1; next }
        !reading { split($0, part, "|"); id[++count] = part[1]; asks[count] = part[2]; next }
        { test[++many] = $0 }
        END {
            for (i = 1; i <= count; i++) {
                row = tolower(id[i]); sub("-", "_", row); shown = ""
                for (j = 1; j <= many; j++) if (carries(test[j], row)) shown = shown (shown == "" ? "" : "<br>") "`" test[j] "`"
                if (shown == "") { print "error: no test carries " id[i] > "/dev/stderr"; missing = 1 }
                print "| " id[i] " | " asks[i] " | " shown " |"
            }
            exit missing
        }'
}

case "${1:-}" in
--print) page ;;
'') page >docs/acceptance.md.new && mv docs/acceptance.md.new docs/acceptance.md ;;
*) die "usage: scripts/acceptance.sh [--print]" ;;
esac
