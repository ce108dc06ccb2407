place-local = rete locale

notice-at = Data e ora: { $at }
notice-device = Dispositivo: { $device }
notice-place = Luogo o rete: { $place }
notice-unknown = sconosciuto
notice-by-operator = Fatto da: { $realm }
notice-username = Nome utente: { $username }
notice-was-you = È stato Lei? Non deve fare nulla.
notice-not-me = Non è stato Lei? Apra questa pagina e confermi: tutte le Sue sessioni vengono terminate e il Suo accesso viene bloccato, affinché nessuno lo usi. La pagina funziona per { $days } giorni.
notice-was-asked = L'ha chiesto Lei? Non deve fare altro.
notice-not-asked = Non ha chiesto nulla? Apra questa pagina e confermi: tutte le Sue sessioni vengono terminate e il Suo accesso viene bloccato, affinché nessuno lo usi. La pagina funziona per { $days } giorni.
notice-not-me-link = Non ero io

notice-new-device-subject = Accesso con un nuovo dispositivo, { $realm }
notice-new-device-intro = Qualcuno, probabilmente Lei, ha effettuato l'accesso con un dispositivo o un browser che non conoscevamo.
notice-password-changed-subject = La Sua password è stata cambiata, { $realm }
notice-password-changed-intro = La password del Suo accesso è stata cambiata.
notice-sign-in-locked-subject = Diversi tentativi con una password sbagliata, { $realm }
notice-sign-in-locked-intro = Qualcuno ha inserito più volte una password sbagliata per il Suo accesso. Nessuno è riuscito ad accedere. Per proteggerla, prima di ogni nuovo tentativo occorre attendere.
notice-password-known-subject = Importante: forse qualcuno conosce la Sua password, { $realm }
notice-password-known-intro = Qualcuno ha inserito la password giusta del Suo accesso e poi più volte un codice di conferma sbagliato. Nessuno è riuscito ad accedere. Se non è stato Lei, qualcuno conosce la Sua password.
notice-factor-reset-subject = Il Suo secondo fattore è stato tolto, { $realm }
notice-factor-reset-intro = Il secondo fattore del Suo accesso (telefono o applicazione) è stato tolto. Con il Suo nuovo codice di attivazione ne sceglierà un altro.
notice-credentials-replaced-subject = Password e secondo fattore sostituiti, { $realm }
notice-credentials-replaced-intro = La password e il secondo fattore del Suo accesso sono stati sostituiti.

not-me-title = Non è stato Lei?
not-me-told = Il nostro messaggio riguardava:
not-me-about-account-created = la creazione del Suo accesso
not-me-about-new-device = un accesso con un nuovo dispositivo
not-me-about-password-changed = il cambiamento della password
not-me-about-sign-in-locked = diversi tentativi con una password sbagliata
not-me-about-password-known = diversi codici di conferma sbagliati dopo la password giusta
not-me-about-factor-reset = la rimozione del secondo fattore
not-me-about-credentials-replaced = la sostituzione della password e del secondo fattore
not-me-will = Se non è stato Lei, blocchi il Suo accesso. Tutte le Sue sessioni terminano, su tutti i portali, e nessuno può più accedere, nemmeno Lei. In seguito La aiutiamo a sbloccarlo.
not-me-else = È stato Lei? Chiuda semplicemente questa pagina: non cambia nulla.
not-me-stop = Bloccare il mio accesso
not-me-done-title = Il Suo accesso è bloccato
not-me-done-sessions = Tutte le sessioni sono terminate, su tutti i portali.
not-me-done-stopped = Nessuno può più accedere con questo nome utente.
not-me-done-next = Ci chiami o ci scriva: verifichiamo con Lei che cosa è successo e sblocchiamo il Suo accesso.
not-me-gone-title = Questo link non funziona più
not-me-gone-text = È già stato usato, è troppo vecchio, oppure l'indirizzo non è stato copiato per intero. Nulla è stato modificato.
not-me-gone-next = Se pensa che qualcuno usi il Suo accesso, ci chiami o ci scriva subito.

signin-username-alias-help = Il Suo indirizzo e-mail o, se è assicurato, il Suo numero AVS.
