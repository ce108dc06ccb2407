# Consenso per un'applicazione
consent-title = Autorizzare questa applicazione?
consent-app = questa applicazione
consent-lead = { $app } desidera accedere al Suo account.
consent-not-ours = Questa applicazione non è nostra ({ $realm }). Accetti solo se la conosce e se l'ha appena aperta Lei.
consent-things = Che cosa riceverà
consent-grown = Chiede più di prima
consent-new = nuovo
consent-scope-openid = Un numero che le permette di riconoscerla. Non contiene né il Suo nome né il Suo numero AVS.
consent-scope-profile = Il Suo cognome, il Suo nome, la Sua lingua e, per quanto li conosciamo, la Sua data di nascita, il Suo sesso, la Sua foto e altre indicazioni del Suo profilo
consent-scope-email = Il Suo indirizzo e-mail
consent-scope-phone = Il Suo numero di telefono
consent-scope-address = Il Suo indirizzo postale
consent-scope-poterne = Il Suo gruppo (per esempio assicurato o datore di lavoro) e l'organizzazione per cui agisce
consent-scope-offline-access = Conservare l'accesso anche quando Lei non è collegato
consent-scope-other = Indicazioni che l'applicazione chiama «{ $name }»
consent-claim-name = Il Suo nome completo
consent-claim-given-name = Il Suo nome
consent-claim-family-name = Il Suo cognome
consent-claim-middle-name = I Suoi altri nomi
consent-claim-nickname = Il Suo soprannome
consent-claim-preferred-username = Il Suo nome utente
consent-claim-profile = L'indirizzo della Sua pagina personale
consent-claim-picture = La Sua foto
consent-claim-website = Il Suo sito internet
consent-claim-gender = Il Suo sesso
consent-claim-birthdate = La Sua data di nascita
consent-claim-zoneinfo = Il Suo fuso orario
consent-claim-locale = La Sua lingua
consent-claim-updated-at = La data dell'ultima modifica dei Suoi dati
consent-claim-email = Il Suo indirizzo e-mail
consent-claim-email-verified = Se il Suo indirizzo e-mail è stato verificato
consent-claim-phone-number = Il Suo numero di telefono
consent-claim-phone-number-verified = Se il Suo numero di telefono è stato verificato
consent-claim-address = Il Suo indirizzo postale
consent-claim-urn-poterne-population = Il Suo gruppo, per esempio assicurato o datore di lavoro
consent-claim-urn-poterne-org = L'organizzazione per cui agisce
consent-claim-other = Indicazioni che l'applicazione chiama «{ $name }»
consent-until-session = L'applicazione ha accesso solo finché la Sua sessione è aperta.
consent-until-offline = L'applicazione conserva l'accesso { $days ->
    [one] al massimo per un giorno, anche quando la Sua sessione è chiusa.
   *[other] al massimo per { $days } giorni, anche quando la Sua sessione è chiusa.
 }
consent-remembered = Ci ricorderemo del Suo consenso e glielo richiederemo solo se vuole di più.
consent-each-time = Glielo richiederemo ogni volta.
consent-withdraw = Può revocare il Suo consenso in qualsiasi momento sotto
consent-account = Il mio account (nuova scheda)
consent-denying = Se rifiuta, l'applicazione non riceve nulla e Lei vi ritorna.
consent-allow = Autorizzare
consent-deny = Rifiutare
consent-renewed = Nulla è stato trasmesso: la pagina che aveva davanti non è più attuale. Risponda per favore a questa.
consent-as = Lei è collegato con il nome { $username }.
consent-other = Scegliere un altro account

# Scelta del account
accounts-title = Scegliere un account
accounts-text = Con quale account desidera continuare?
accounts-other = Usare un altro account

# Applicazioni che hanno accesso, sotto Il mio account
apps-title = Applicazioni che hanno accesso
apps-text = Ha autorizzato queste applicazioni, che non sono nostre, ad accedere al Suo account.
apps-none = Non ha autorizzato nessuna applicazione ad accedere al Suo account.
apps-withdraw = Revocare l'accesso
apps-keep = Lasciare l'accesso
apps-withdraw-title = Revocare l'accesso a { $app }?
apps-gets = Che cosa comprende l'accesso
apps-withdraw-what = Che cosa succede
apps-withdraw-at-once = L'accesso termina subito: l'applicazione non riceve più nulla da noi.
apps-withdraw-kept = Ciò che ha già ricevuto può averlo conservato. Per farlo cancellare si rivolga a essa. Una sessione aperta presso di essa può durare ancora un poco.
apps-withdraw-again = Se vi accede di nuovo, Le chiederemo ancora il consenso.
apps-withdraw-own = È uno dei nostri portali: al Suo prossimo accesso lo avrà di nuovo senza chiederglielo.
account-done-app = L'accesso è revocato.
