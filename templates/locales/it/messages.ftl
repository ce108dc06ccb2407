mail-greeting = Buongiorno,
mail-closing = Cordiali saluti
mail-contact = Domande?
mail-asked-from = Richiesto da: { $from }
mail-never-ask = Non comunichi questo codice a nessuno. Non lo chiediamo mai per telefono o per e-mail.

mail-code-subject = { $code } è il Suo codice di conferma, { $realm }
mail-code-intro = Ecco il Suo codice di conferma:
mail-code-intro-app = Ecco il Suo codice di conferma per { $app }:
mail-code-use = Lo inserisca nella pagina rimasta aperta. È valido { $minutes } minuti.
mail-code-not-you = Non ha richiesto nulla? Ignori questo messaggio: senza questo codice non succede nulla.

mail-taken-subject = Ha già un accesso, { $realm }
mail-taken-intro = Qualcuno, probabilmente Lei, ha voluto creare un accesso con questo indirizzo e-mail. Con questo indirizzo esiste già un accesso.
mail-taken-intro-app = Qualcuno, probabilmente Lei, ha voluto creare un accesso a { $app } con questo indirizzo e-mail. Con questo indirizzo esiste già un accesso.
mail-taken-do = È stato Lei? Acceda al portale con questo indirizzo e la Sua password. Per un secondo accesso (per esempio come datore di lavoro) usi un altro indirizzo e-mail.
mail-taken-not-you = Non è stato Lei? Non deve fare nulla: nulla è stato modificato.

mail-created-subject = Il Suo accesso è pronto, { $realm }
mail-created-intro = Il Suo accesso è stato creato il { $at }.
mail-created-username = Nome utente: { $username }
mail-created-portal = Il portale è a Sua disposizione in ogni momento:

sms-code = Il Suo codice: { $code }
