# Mots communs
skip = Aller au contenu
demo-banner = Démonstration : personnes inventées, aucun message ne part.
languages = Langue
next = Suivant
back = Retour
cancel = Annuler
show = Afficher
hide = Masquer
print = Imprimer
colon =  :
error-prefix = Erreur :
summary-title-whole = Cela n'a pas abouti
summary-title = { $count ->
    [one] Une indication est à corriger
   *[other] { $count } indications sont à corriger
 }
help-for = Aide : { $label }
contact-title = Besoin d'aide ?
contact-phone = Téléphone
contact-email = E-mail
contact-website = Site internet
back-to = Retourner vers { $app }
continue-to = Continuer vers { $app }
may-close = Vous pouvez fermer cette fenêtre.
code-minutes = Le code est valable { $minutes } minutes.
digits-hint = 6 chiffres
nothing-came = Vous n'avez rien reçu ?
resend = Renvoyer le code
resend-wait = Nouvel envoi possible dans
resent = Un nouveau code vient d'être envoyé. Le précédent reste valable jusqu'à son échéance.
sms-not-here = Un SMS peut prendre une minute. Vérifiez que votre téléphone est allumé et qu'il a du réseau.

# Connexion
signin-title = Connexion
signin-guidance = Première connexion : pour s'inscrire, cliquez sur «S'enregistrer →» sans remplir les champs. Vous avez déjà un accès : entrez votre nom d'utilisateur et votre mot de passe.
signin-continue-to = pour continuer vers { $app }
client-unverified = Cette application n'a pas été vérifiée.
client-policy = Protection des données de { $app }
client-tos = Conditions d'utilisation de { $app }
signin-username = Nom d'utilisateur
signin-username-help = C'est l'adresse e-mail que vous avez donnée lors de votre inscription.
signin-password = Mot de passe
signin-forgotten = J'ai oublié mon mot de passe →
signin-first-time = Première connexion ?
signin-first-time-text = Vous avez reçu un code. Gardez-le à portée de main et créez votre accès en cinq étapes.
signin-register = S'enregistrer →

factor-title = Confirmez votre identité
factor-sms-text = Nous avons envoyé un code par SMS au { $number }.
factor-sms-label = Code reçu par SMS
factor-totp-text = Ouvrez votre application d'authentification et recopiez le code affiché.
factor-totp-label = Code de l'application
factor-submit = Se connecter
factor-other = Utiliser un autre moyen
factor-use-sms = SMS au { $number }
factor-use-totp = Application d'authentification

expired-title = Cette page n'est plus valable
expired-text = Pour votre sécurité, une connexion ou une inscription restée longtemps ouverte prend fin. Rien n'a été perdu : un code non utilisé reste valable.
expired-back-text = Retournez vers { $app } et recommencez.
expired-no-app = Retournez au portail d'où vous veniez et recommencez.

already-title = Vous êtes déjà connecté
already-text = Votre session est ouverte sous le nom { $username }.
already-switch = Se connecter sous un autre nom

home-title = Service de connexion
home-text = Voici notre service de connexion ({ $realm }). Vous y créez votre accès et vous connectez à nos portails.
home-portals = Nos portails
home-go = Voir nos portails
home-safety = Nous ne vous demanderons jamais votre mot de passe ou un code par téléphone ou par e-mail.

# Déconnexion
logout-title = Déconnexion
logout-text = Voulez-vous terminer votre session sur tous les portails ?
logout-text-as = Vous êtes connecté sous le nom { $username }. Voulez-vous terminer votre session sur tous les portails ?
logout-yes = Déconnexion
logout-no = Rester connecté
logged-out-title = Vous êtes déconnecté
logged-out-text = Votre session protégée est terminée. Vous pouvez fermer cette fenêtre.
logged-out-told = La session a aussi pris fin ici :

# Erreurs
error-code = Code d'erreur
error-detail = Pour les développeurs
reference = Référence
retry = Réessayer
oops-request-refused-title = Cette demande ne peut pas être acceptée
oops-request-refused = Une application nous a envoyé une demande que nous ne pouvons pas accepter. Retournez à l'application et réessayez. Si cela se répète, indiquez-nous la référence ci-dessous.
oops-request-refused-from = { $app } nous a envoyé une demande que nous ne pouvons pas accepter. Retournez à l'application et réessayez. Si cela se répète, indiquez-nous la référence ci-dessous.
oops-not-found-title = Page introuvable
oops-not-found = Il n'y a rien à cette adresse. Vérifiez-la, ou retournez au portail d'où vous veniez.
oops-too-large-title = Envoi trop grand
oops-too-large = Ce que vous avez envoyé est trop grand. Retournez à la page précédente et raccourcissez vos indications.
oops-busy-title = Un instant, s'il vous plaît
oops-busy = Beaucoup de personnes utilisent le service en ce moment. Vos indications n'ont pas été enregistrées.
oops-busy-retry = Réessayez dans { $seconds ->
    [one] une seconde
   *[other] { $seconds } secondes
 }.
oops-internal-title = Une erreur est survenue
oops-internal = L'erreur vient de nous, pas de vous. Réessayez dans quelques minutes. Si cela se répète, indiquez-nous la référence ci-dessous.
oops-cross-site-title = Formulaire refusé
oops-cross-site = Ce formulaire ne provient pas de nos pages. Par sécurité, il n'a pas été traité. Ouvrez à nouveau le portail et recommencez.
