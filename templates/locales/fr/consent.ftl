# Accord pour une application
consent-title = Autoriser cette application ?
consent-app = cette application
consent-lead = { $app } souhaite accéder à votre compte.
consent-not-ours = Cette application n'est pas de nous ({ $realm }). N'acceptez que si vous la connaissez et si vous venez de l'ouvrir vous-même.
consent-things = Ce qu'elle recevra
consent-grown = Elle demande davantage qu'auparavant
consent-new = nouveau
consent-scope-openid = Un numéro qui lui permet de vous reconnaître. Il ne contient ni votre nom ni votre numéro AVS.
consent-scope-profile = Votre nom, votre prénom, votre langue et, dans la mesure où nous les connaissons, votre date de naissance, votre sexe, votre photo et d'autres indications de votre profil
consent-scope-email = Votre adresse e-mail
consent-scope-phone = Votre numéro de téléphone
consent-scope-address = Votre adresse postale
consent-scope-poterne = Votre groupe (par exemple assuré ou employeur) et l'organisation pour laquelle vous agissez
consent-scope-offline-access = Garder l'accès même quand vous n'êtes pas connecté
consent-scope-other = Des indications que l'application appelle «{ $name }»
consent-claim-name = Votre nom complet
consent-claim-given-name = Votre prénom
consent-claim-family-name = Votre nom de famille
consent-claim-middle-name = Vos autres prénoms
consent-claim-nickname = Votre surnom
consent-claim-preferred-username = Votre nom d'utilisateur
consent-claim-profile = L'adresse de votre page personnelle
consent-claim-picture = Votre photo
consent-claim-website = Votre site internet
consent-claim-gender = Votre sexe
consent-claim-birthdate = Votre date de naissance
consent-claim-zoneinfo = Votre fuseau horaire
consent-claim-locale = Votre langue
consent-claim-updated-at = La date du dernier changement de vos données
consent-claim-email = Votre adresse e-mail
consent-claim-email-verified = Si votre adresse e-mail a été vérifiée
consent-claim-phone-number = Votre numéro de téléphone
consent-claim-phone-number-verified = Si votre numéro de téléphone a été vérifié
consent-claim-address = Votre adresse postale
consent-claim-urn-poterne-population = Votre groupe, par exemple assuré ou employeur
consent-claim-urn-poterne-org = L'organisation pour laquelle vous agissez
consent-claim-other = Des indications que l'application appelle «{ $name }»
consent-until-session = L'application n'a accès que tant que votre session est ouverte.
consent-until-offline = L'application garde l'accès { $days ->
    [one] un jour au plus, même quand votre session est fermée.
   *[other] { $days } jours au plus, même quand votre session est fermée.
 }
consent-remembered = Nous nous souviendrons de votre accord et ne vous le redemanderons que si elle veut davantage.
consent-each-time = Nous vous le redemanderons à chaque fois.
consent-withdraw = Vous pouvez retirer votre accord à tout moment sous
consent-account = Mon compte (nouvel onglet)
consent-denying = Si vous refusez, l'application ne reçoit rien et vous y retournez.
consent-allow = Autoriser
consent-deny = Refuser
consent-renewed = Rien n'a été transmis : la page que vous aviez sous les yeux n'est plus actuelle. Veuillez répondre à celle-ci.
consent-as = Vous êtes connecté sous le nom { $username }.
consent-other = Choisir un autre compte

# Choix du compte
accounts-title = Choisir un compte
accounts-text = Avec quel compte souhaitez-vous continuer ?
accounts-other = Utiliser un autre compte

# Applications qui ont accès, sous Mon compte
apps-title = Applications qui ont accès
apps-text = Vous avez autorisé ces applications, qui ne sont pas de nous, à accéder à votre compte.
apps-none = Vous n'avez autorisé aucune application à accéder à votre compte.
apps-withdraw = Retirer l'accès
apps-keep = Laisser l'accès
apps-withdraw-title = Retirer l'accès à { $app } ?
apps-gets = À quoi l'accès donne droit
apps-withdraw-what = Ce qui se passe
apps-withdraw-at-once = L'accès prend fin aussitôt : l'application ne reçoit plus rien de nous.
apps-withdraw-kept = Ce qu'elle a déjà reçu, elle peut l'avoir gardé. Pour le faire effacer, adressez-vous à elle. Une session ouverte chez elle peut durer encore un moment.
apps-withdraw-again = Si vous vous y connectez de nouveau, nous vous redemanderons votre accord.
apps-withdraw-own = C'est l'un de nos portails : à votre prochaine connexion, il aura de nouveau accès sans vous le demander.
account-done-app = L'accès est retiré.
