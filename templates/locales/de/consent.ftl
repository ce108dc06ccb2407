# Einwilligung für eine Anwendung
consent-title = Dieser Anwendung den Zugriff erlauben?
consent-app = diese Anwendung
consent-lead = { $app } möchte auf Ihr Konto zugreifen.
consent-not-ours = Diese Anwendung ist nicht von uns ({ $realm }). Stimmen Sie nur zu, wenn Sie sie kennen und soeben selbst geöffnet haben.
consent-things = Das erhält sie
consent-grown = Sie verlangt mehr als bisher
consent-new = neu
consent-scope-openid = Eine Nummer, an der sie Sie wiedererkennt. Sie enthält weder Ihren Namen noch Ihre AHV-Nummer.
consent-scope-profile = Ihr Name, Ihr Vorname, Ihre Sprache und, soweit wir sie kennen, Ihr Geburtsdatum, Ihr Geschlecht, Ihr Foto und weitere Angaben zu Ihrem Profil
consent-scope-email = Ihre E-Mail-Adresse
consent-scope-phone = Ihre Telefonnummer
consent-scope-address = Ihre Postadresse
consent-scope-poterne = Ihre Gruppe (zum Beispiel versicherte Person oder Arbeitgeber) und die Organisation, für die Sie handeln
consent-scope-offline-access = Den Zugriff behalten, auch wenn Sie nicht angemeldet sind
consent-scope-other = Angaben, welche die Anwendung «{ $name }» nennt
consent-claim-name = Ihr vollständiger Name
consent-claim-given-name = Ihr Vorname
consent-claim-family-name = Ihr Nachname
consent-claim-middle-name = Ihre weiteren Vornamen
consent-claim-nickname = Ihr Rufname
consent-claim-preferred-username = Ihr Benutzername
consent-claim-profile = Die Adresse Ihrer persönlichen Seite
consent-claim-picture = Ihr Foto
consent-claim-website = Ihre Website
consent-claim-gender = Ihr Geschlecht
consent-claim-birthdate = Ihr Geburtsdatum
consent-claim-zoneinfo = Ihre Zeitzone
consent-claim-locale = Ihre Sprache
consent-claim-updated-at = Wann Ihre Daten zuletzt geändert wurden
consent-claim-email = Ihre E-Mail-Adresse
consent-claim-email-verified = Ob Ihre E-Mail-Adresse geprüft ist
consent-claim-phone-number = Ihre Telefonnummer
consent-claim-phone-number-verified = Ob Ihre Telefonnummer geprüft ist
consent-claim-address = Ihre Postadresse
consent-claim-urn-poterne-population = Ihre Gruppe, zum Beispiel versicherte Person oder Arbeitgeber
consent-claim-urn-poterne-org = Die Organisation, für die Sie handeln
consent-claim-other = Angaben, welche die Anwendung «{ $name }» nennt
consent-until-session = Die Anwendung hat nur Zugriff, solange Ihre Sitzung offen ist.
consent-until-offline = Die Anwendung behält den Zugriff { $days ->
    [one] höchstens einen Tag, auch wenn Ihre Sitzung beendet ist.
   *[other] höchstens { $days } Tage, auch wenn Ihre Sitzung beendet ist.
 }
consent-remembered = Wir merken uns Ihre Einwilligung und fragen nur wieder, wenn sie mehr verlangt.
consent-each-time = Wir fragen Sie jedes Mal wieder.
consent-withdraw = Sie können Ihre Einwilligung jederzeit zurückziehen unter
consent-account = Mein Konto (neuer Tab)
consent-denying = Wenn Sie ablehnen, erhält die Anwendung nichts, und Sie kehren zu ihr zurück.
consent-allow = Erlauben
consent-deny = Ablehnen
consent-renewed = Es wurde nichts übermittelt: Die Seite, die Sie vor sich hatten, ist nicht mehr aktuell. Bitte beantworten Sie diese hier.
consent-as = Sie sind angemeldet als { $username }.
consent-other = Ein anderes Konto wählen

# Wahl des Kontos
accounts-title = Konto wählen
accounts-text = Mit welchem Konto möchten Sie weiterfahren?
accounts-other = Ein anderes Konto verwenden

# Anwendungen mit Zugriff, unter Mein Konto
apps-title = Anwendungen mit Zugriff
apps-text = Sie haben diesen Anwendungen, die nicht von uns sind, den Zugriff auf Ihr Konto erlaubt.
apps-none = Sie haben keiner Anwendung den Zugriff auf Ihr Konto erlaubt.
apps-withdraw = Zugriff entziehen
apps-keep = Zugriff belassen
apps-withdraw-title = { $app } den Zugriff entziehen?
apps-gets = Was der Zugriff umfasst
apps-withdraw-what = Was dann geschieht
apps-withdraw-at-once = Der Zugriff endet sofort: Die Anwendung erhält von uns nichts mehr.
apps-withdraw-kept = Was sie schon erhalten hat, kann sie behalten haben. Wenn Sie es löschen lassen möchten, wenden Sie sich an sie. Eine dort offene Sitzung kann noch eine Weile dauern.
apps-withdraw-again = Wenn Sie sich dort wieder anmelden, fragen wir Sie erneut um Ihre Einwilligung.
apps-withdraw-own = Es ist eines unserer Portale: Bei Ihrer nächsten Anmeldung hat es wieder Zugriff, ohne Sie zu fragen.
account-done-app = Der Zugriff ist entzogen.
