# Employeurs, fonds, portails
fault-company-name = Écrivez le nom de l'entreprise, pas sa forme juridique seule.
code-lost-title = Code perdu ?
code-lost = Adressez-vous à nous ({ $realm }) : nous vous envoyons un nouveau code par la poste. Pour protéger vos données, il n'est communiqué ni par téléphone ni par e-mail.

not-served-title = Ce portail n'est pas destiné à votre accès
not-served-as = Vous êtes connecté sous le nom { $username }.
not-served-for = { $app } s'adresse à :
not-served-yours = Avec votre accès ({ $population }), vous pouvez utiliser :
not-served-none = Aucun portail n'est prévu pour votre accès ({ $population }). Nos coordonnées sont au bas de la page.
not-served-other = Se connecter avec un autre accès
not-served-sign-out = Déconnexion
