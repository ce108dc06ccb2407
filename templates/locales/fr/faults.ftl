fault-required = Veuillez remplir ce champ.
fault-too-long = Au plus { $max } caractères, s'il vous plaît.
fault-avs-format = Le numéro AVS a 13 chiffres et commence par 756.
fault-avs-check-digit = Ce numéro AVS contient une faute de frappe. Comparez-le chiffre par chiffre.
fault-date-format = Écrivez la date ainsi : jj.mm.aaaa, par exemple 12.03.1984.
fault-date-impossible = Cette date n'existe pas ou se trouve dans le futur.
fault-uid-format = Écrivez le numéro d'entreprise ainsi : CHE-123.456.788.
fault-uid-check-digit = Ce numéro d'entreprise contient une faute de frappe. Comparez-le chiffre par chiffre.
fault-number-format = Ce numéro se compose de chiffres.
fault-code-length = Le code a 12 caractères.
fault-code-alphabet = Le code ne contient jamais 0, 1, I, L ni O. Regardez encore une fois le caractère en question.
fault-code-check = Ce code contient une faute de frappe. Comparez-le caractère par caractère.
fault-not-recognised = Nous ne reconnaissons pas ces indications. Vérifiez chaque champ. Si elles sont justes, réessayez plus tard ou demandez un nouveau code : nos coordonnées sont au bas de la page.
fault-code-expired = Ce code est échu. Demandez un nouveau code : nos coordonnées sont au bas de la page.
fault-code-replaced = Ce code a été remplacé. Utilisez celui du document du { $day }.{ $month }.{ $year }.
fault-terms-not-accepted = Veuillez lire et accepter les conditions d'utilisation.
fault-email-format = Écrivez l'adresse e-mail ainsi : nom@exemple.ch.
fault-password-short = Le mot de passe doit avoir au moins { $min } caractères.
fault-password-groups = Il manque au mot de passe un chiffre, une minuscule, une majuscule ou un caractère spécial.
fault-password-weak = Ce mot de passe est trop facile à deviner. Ajoutez un ou deux mots.
fault-password-common = Ce mot de passe est parmi les plus utilisés et sera essayé en premier. Choisissez-en un autre.
fault-password-has-name = Le mot de passe ne doit pas contenir votre nom d'utilisateur.
fault-passwords-differ = Les deux mots de passe ne sont pas identiques.
fault-digits-format = Le code a 6 chiffres.
fault-digits-wrong = Ce code n'est pas juste. Vérifiez les 6 chiffres.
fault-digits-expired = Ce code est échu. Nous venons d'en envoyer un nouveau.
fault-digits-used-up = Trop d'essais avec ce code. Demandez un nouveau code.
fault-resend-too-soon = Un nouveau code peut être demandé dans { $seconds } s.
fault-resend-used-up = Vous avez demandé trop de codes aujourd'hui. Réessayez demain.
fault-phone-format = Écrivez le numéro ainsi : 079 123 45 67, ou avec l'indicatif du pays : +33 6 12 34 56 78.
fault-phone-no-sms = Ce numéro ne peut pas recevoir de SMS. Donnez un numéro de téléphone mobile.
fault-nothing-chosen = Veuillez choisir une possibilité.
fault-wrong-login = Le nom d'utilisateur ou le mot de passe n'est pas juste.
fault-too-many-tries = Trop d'essais. Réessayez dans { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
 }.
