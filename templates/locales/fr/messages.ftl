mail-greeting = Bonjour,
mail-closing = Cordialement,
mail-contact = Questions ?
mail-asked-from = Demandé depuis : { $from }
mail-never-ask = Ne communiquez ce code à personne. Nous ne le demandons jamais par téléphone ou par e-mail.

mail-code-subject = { $code } est votre code de confirmation, { $realm }
mail-code-intro = Voici votre code de confirmation :
mail-code-intro-app = Voici votre code de confirmation pour { $app } :
mail-code-use = Entrez-le sur la page restée ouverte. Il est valable { $minutes } minutes.
mail-code-not-you = Vous n'avez rien demandé ? Ignorez ce message : sans ce code, rien ne se passe.

mail-taken-subject = Vous avez déjà un accès, { $realm }
mail-taken-intro = Quelqu'un, sans doute vous, a voulu créer un accès avec cette adresse e-mail. Il existe déjà un accès avec cette adresse.
mail-taken-intro-app = Quelqu'un, sans doute vous, a voulu créer un accès à { $app } avec cette adresse e-mail. Il existe déjà un accès avec cette adresse.
mail-taken-do = C'était vous ? Connectez-vous sur le portail avec cette adresse et votre mot de passe. Pour un second accès (par exemple comme employeur), utilisez une autre adresse e-mail.
mail-taken-not-you = Ce n'était pas vous ? Vous n'avez rien à faire : rien n'a été modifié.

mail-created-subject = Votre accès est prêt, { $realm }
mail-created-intro = Votre accès a été créé le { $at }.
mail-created-username = Nom d'utilisateur : { $username }
mail-created-portal = Le portail est à votre disposition à tout moment :

sms-code = Votre code: { $code }
