fault-required = Compili questo campo.
fault-too-long = Al massimo { $max } caratteri, per favore.
fault-avs-format = Il numero AVS ha 13 cifre e comincia con 756.
fault-avs-check-digit = Questo numero AVS contiene un errore di battitura. Lo confronti cifra per cifra.
fault-date-format = Scriva la data così: gg.mm.aaaa, per esempio 12.03.1984.
fault-date-impossible = Questa data non esiste o è nel futuro.
fault-uid-format = Scriva il numero d'impresa così: CHE-123.456.788.
fault-uid-check-digit = Questo numero d'impresa contiene un errore di battitura. Lo confronti cifra per cifra.
fault-number-format = Questo numero è composto di cifre.
fault-code-length = Il codice ha 12 caratteri.
fault-code-alphabet = Il codice non contiene mai 0, 1, I, L o O. Guardi ancora una volta il carattere in questione.
fault-code-check = Questo codice contiene un errore di battitura. Lo confronti carattere per carattere.
fault-not-recognised = Non riconosciamo queste indicazioni. Verifichi ogni campo. Se sono giuste, riprovi più tardi o richieda un nuovo codice: i nostri recapiti sono in fondo alla pagina.
fault-code-expired = Questo codice è scaduto. Ne richieda uno nuovo: i nostri recapiti sono in fondo alla pagina.
fault-code-replaced = Questo codice è stato sostituito. Utilizzi quello del documento del { $day }.{ $month }.{ $year }.
fault-terms-not-accepted = Legga e accetti le condizioni d'uso.
fault-email-format = Scriva l'indirizzo e-mail così: nome@esempio.ch.
fault-password-short = La password deve avere almeno { $min } caratteri.
fault-password-groups = Alla password manca una cifra, una minuscola, una maiuscola o un carattere speciale.
fault-password-weak = Questa password è troppo facile da indovinare. Aggiunga una o due parole.
fault-password-common = Questa password è tra le più usate e sarà provata per prima. Ne scelga un’altra.
fault-password-has-name = La password non deve contenere il Suo nome utente.
fault-passwords-differ = Le due password non sono identiche.
fault-digits-format = Il codice ha 6 cifre.
fault-digits-wrong = Questo codice non è giusto. Verifichi le 6 cifre.
fault-digits-expired = Questo codice è scaduto. Ne abbiamo appena inviato uno nuovo.
fault-digits-used-up = Troppi tentativi con questo codice. Ne richieda uno nuovo.
fault-resend-too-soon = Un nuovo codice può essere richiesto tra { $seconds } s.
fault-resend-used-up = Oggi ha richiesto troppi codici. Riprovi domani.
fault-phone-format = Scriva il numero così: 079 123 45 67, o con il prefisso del paese: +39 312 345 6789.
fault-phone-no-sms = Questo numero non può ricevere SMS. Indichi un numero di cellulare.
fault-nothing-chosen = Scelga una possibilità.
fault-wrong-login = Il nome utente o la password non è giusto.
fault-too-many-tries = Troppi tentativi. Riprovi tra { $minutes ->
    [one] un minuto
   *[other] { $minutes } minuti
 }.
