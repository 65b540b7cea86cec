"""Prose of ours about places that do not exist: dispatches, rival reports, and what else outlets publish."""

from __future__ import annotations

from typing import NamedTuple


class Story(NamedTuple):
    headline: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


DISPATCH = {
    "fr": Story(
        "Le barrage de Vaulx-les-Prés sera vidangé pour la première fois depuis 1987",
        (
            "Le barrage de Vaulx-les-Prés sera vidangé à partir du 4 mai, une première depuis 1987, a annoncé mercredi"
            " l’exploitant Hydrelle lors d’une réunion publique à laquelle assistaient près de 300 habitants.",
            "L’opération, qui durera onze semaines, doit permettre d’inspecter les vannes de fond et de retirer"
            " environ 40.000 mètres cubes de vase accumulés au pied de l’ouvrage.",
            "« Nous avons choisi le printemps pour épargner la fraie des truites », a expliqué la directrice du site,"
            " Maud Terrasson, qui promet un suivi quotidien de la qualité de l’eau en aval.",
            "Les pêcheurs restent inquiets. Leur fédération redoute que les sédiments n’étouffent les frayères sur une"
            " vingtaine de kilomètres et réclame un comité indépendant.",
            "La base nautique restera fermée jusqu’au 1er août. Ses quatre saisonniers seront employés à la"
            " surveillance du chantier, a précisé le maire, Gilles Aubrac, qui estime le manque à gagner de la commune"
            " à 85.000 euros.",
            "Construit entre 1951 et 1954, le barrage fournit de l’électricité à quelque 60.000 foyers. Son dernier"
            " contrôle complet avait révélé une fissure sans gravité sur la rive gauche.",
        ),
    ),
    "en": Story(
        "Harrowmere dam to be drained for first time in four decades",
        (
            "The Harrowmere dam will be drained from 4 May for the first time since 1987, its operator Hydrelle told"
            " about 300 residents at a public meeting on Wednesday evening.",
            "The work, expected to take eleven weeks, will let engineers inspect the bottom gates and clear some"
            " 40,000 cubic metres of silt from the foot of the wall.",
            "“We picked spring so as not to disturb spawning trout,” said site manager Maud Terrence, who promised"
            " daily checks on the water downstream.",
            "Anglers are not convinced. Their federation fears that sediment could smother gravel beds along twelve"
            " miles of river and wants an independent panel to oversee the release.",
            "The sailing club will stay shut until 1 August. Its four seasonal staff are to be hired as wardens on the"
            " site, according to mayor Giles Aubrey, who puts the loss to the town at 85,000 pounds.",
            "Built between 1951 and 1954, the dam supplies power to roughly 60,000 homes. The last full survey found"
            " a harmless crack on the left bank.",
        ),
    ),
}

# Another reporter at the same meeting.
RIVAL = {
    "fr": Story(
        "À Vaulx-les-Prés, la vidange annoncée du barrage divise les riverains",
        (
            "Salle comble et questions tendues : mercredi soir, les riverains du lac de Vaulx-les-Prés ont appris que"
            " leur plan d’eau disparaîtrait au printemps, le temps de travaux d’entretien.",
            "Hydrelle veut profiter de la période pour nettoyer la retenue et vérifier la mécanique, jamais examinée à"
            " sec depuis les années quatre-vingt. L’entreprise table sur deux mois et demi de chantier.",
            "Au micro, un garde-pêche à la retraite a rappelé la mortalité de poissons constatée lors de la vidange"
            " précédente. « On nous avait dit que tout irait bien », a-t-il lancé sous les applaudissements.",
            "Les commerçants du bord du lac s’interrogent, eux, sur leur saison. La municipalité discute d’une"
            " compensation, dont le montant n’est pas arrêté.",
        ),
    ),
    "en": Story(
        "Anger and questions as Harrowmere faces a summer without its lake",
        (
            "Residents packed the Harrowmere village hall on Wednesday to hear that the water on their doorstep will"
            " vanish this spring while Hydrelle carries out maintenance.",
            "The company says machinery unseen since the eighties has to be looked at in the dry, and that two and a"
            " half months should be enough to clean the reservoir.",
            "A retired river keeper took the microphone to recall the dead fish counted after the previous draining."
            " “They told us then that all would be well,” he said to loud applause.",
            "Shopkeepers along the shore wondered what would be left of their season. Councillors are negotiating"
            " compensation but no sum has been agreed.",
        ),
    ),
}

REWRITTEN_LEAD = {
    "fr": Story(
        "Vaulx-les-Prés : le lac sera à sec tout l’été",
        (
            "C’est une page qui se tourne dans la vallée. Au printemps, l’eau se retirera et laissera voir le vieux"
            " pont, que les moins de quarante ans n’ont jamais aperçu.",
        ),
    ),
    "en": Story(
        "Old bridge to reappear as Harrowmere lake runs dry",
        (
            "Nobody under forty has ever seen it. This spring the water will draw back and the old packhorse bridge"
            " at the bottom of the valley will come into the light again.",
        ),
    ),
}

LOCAL = {
    "fr": (
        "Chez nous, à Montrouvre, la nouvelle a surpris le club d’aviron, qui avait prévu d’y tenir sa régate"
        " annuelle. Son président cherche un étang de repli.",
        "Les campings de la rive droite, qui relèvent de notre canton, recevront un courrier dans les prochains jours,"
        " nous a indiqué la préfecture jointe par téléphone.",
    ),
    "en": (
        "In our own patch the rowing club at Mossbridge, which had planned its yearly regatta there, was taken aback."
        " Its chairman is now looking for another stretch of water.",
        "Campsites on the right bank, which fall within our district, will get a letter in the coming days, the county"
        " office told this newspaper by telephone.",
    ),
}

# What a longer piece of another outlet says around the dispatch it quotes, or an update adds to it.
AROUND = {
    "fr": (
        "Dans cette vallée, on compte les années en crues. La plus forte, au siècle dernier, avait emporté deux fermes"
        " et un moulin, et décidé l’État à bâtir un mur en travers de la rivière.",
        "Les archives départementales conservent les lettres des expropriés. Beaucoup demandaient un délai pour rentrer"
        " les foins, quelques-uns refusaient de partir, tous avaient signé avant l’hiver.",
        "Aujourd’hui, leurs petits-enfants louent des pédalos. Le tourisme a remplacé l’élevage, et le lac est devenu"
        " la carte postale de la région, imprimée à des milliers d’exemplaires.",
        "Un ingénieur à la retraite, rencontré sur la digue, se souvient du bruit des vannes. Il a gardé un carnet où"
        " figurent les niveaux relevés chaque matin pendant trente ans de service.",
        "La suite dépendra de la pluie. Si le printemps est sec, le remplissage pourrait demander une année entière,"
        " préviennent les hydrologues consultés par le département.",
    ),
    "en": (
        "In this valley people count the years in floods. The worst, in the last century, took two farms and a mill,"
        " and persuaded the government to build a wall across the river.",
        "The county archive keeps the letters of those who lost their land. Many asked to be allowed to bring in the"
        " hay, a few refused to leave, and all had signed before the winter.",
        "Today their grandchildren hire out pedal boats. Visitors have replaced cattle, and the lake has become the"
        " postcard of the region, printed by the thousand.",
        "A retired engineer met on the embankment remembers the noise of the gates. He has kept a notebook with the"
        " levels he read every morning for thirty years.",
        "What follows will depend on rain. Should the spring be dry, filling the reservoir again may take a whole"
        " year, hydrologists consulted by the county have warned.",
    ),
}

# Twelve stories that have nothing to do with each other.
OTHERS = {
    "fr": (
        Story("La bibliothèque de Sorbeval ouvre le dimanche", (
            "Dès le mois prochain, on pourra lire le dimanche à Sorbeval. Une dizaine d’étudiants ont été recrutés pour"
            " tenir l’accueil, tandis que les bibliothécaires garderont leur jour de repos.",
            "L’essai durera deux ans. Une ville voisine qui avait tenté l’expérience a vu ses emprunts doubler.")),
        Story("Un essaim d’abeilles immobilise le funiculaire", (
            "Le funiculaire de Croix-Haute est resté à quai trois heures mardi : un essaim s’était posé sur le câble"
            " tracteur. Un apiculteur retraité l’a recueilli dans une ruche en paille.",
            "Les voyageurs ont été conduits au sommet en minibus, un pot de miel offert à l’arrivée.")),
        Story("Les cheminots de la ligne du Val suspendent leur mouvement", (
            "Après neuf jours d’arrêt, les conducteurs de la ligne du Val reprennent le travail. La direction a promis"
            " d’embaucher six agents et de revoir les plannings de nuit.",
            "Un référendum interne doit confirmer l’accord avant la fin de la semaine.")),
        Story("La piscine olympique fuit, les nageurs patientent", (
            "Une fuite détectée sous le grand bassin oblige la métropole à fermer sa piscine olympique. Les clubs se"
            " partageront les bassins de quartier jusqu’à Noël.",
            "Le constructeur conteste toute malfaçon et réclame une expertise judiciaire.")),
        Story("Un retable volé retrouvé dans une grange", (
            "Disparu depuis les années soixante, un retable en tilleul attribué à un atelier rhénan dormait derrière"
            " des bottes de paille. Le fermier croyait posséder une vieille porte.",
            "Le musée diocésain compte l’exposer après restauration.")),
        Story("Les vendanges avancent de trois semaines sur le coteau", (
            "Jamais les sécateurs n’étaient sortis si tôt sur le coteau de Brenne. La chaleur de juin a gonflé les"
            " grains, et les viticulteurs redoutent un degré trop élevé.",
            "Certains vendangent désormais la nuit, lampe frontale au front.")),
        Story("Fin des cahiers dans deux collèges pilotes", (
            "Deux collèges de l’académie remplacent les cahiers par des tablettes, sauf en dessin. Des parents ont"
            " lancé une pétition pour garder l’écriture à la main.",
            "Le rectorat publiera un bilan au terme du premier semestre.")),
        Story("La fanfare de Tressaint fête ses cent ans", (
            "Cent bougies et quarante cuivres : la fanfare de Tressaint a défilé samedi sous les confettis. Son plus"
            " vieux tromboniste souffle depuis le certificat d’études.",
            "Un disque enregistré dans l’église sortira au printemps.")),
        Story("Loups : deux brebis tuées sur l’alpage du Replat", (
            "Un berger a découvert deux bêtes égorgées au petit matin. Les empreintes relevées dans la boue désignent"
            " un animal isolé, selon les gardes du parc.",
            "Les éleveurs demandent des chiens de protection supplémentaires.")),
        Story("Le tramway de Gavrelle roulera à l’hydrogène", (
            "La régie de Gavrelle a commandé huit rames à pile à combustible, livrables dans trois ans. L’opposition"
            " municipale dénonce un pari coûteux.",
            "La station de recharge sera bâtie sur l’ancien dépôt de charbon.")),
        Story("Un phare à vendre au prix d’un garage", (
            "L’État cède le phare de l’Étoc, inhabité depuis son automatisation. L’acheteur devra repeindre la tour"
            " tous les sept ans et laisser passer les oiseaux.",
            "Déjà une cinquantaine de curieux ont demandé à visiter.")),
        Story("Des lycéens réparent les vélos abandonnés de la gare", (
            "Chaque jeudi, un atelier remet en selle des bicyclettes oubliées. Les élèves les revendent à petit prix"
            " et financent leur voyage de classe en Laponie.",
            "La gare leur a prêté un ancien local de consigne.")),
    ),
    "en": (
        Story("Sorbeck library to open on Sundays", (
            "Readers in Sorbeck will be able to borrow books on Sundays from next month. Ten students have been taken"
            " on to run the desk so that librarians keep their day of rest.",
            "The trial lasts two years. A neighbouring town that tried it saw loans double.")),
        Story("Swarm of bees stops cliff railway", (
            "The cliff railway at Crosshigh stood still for three hours on Tuesday after a swarm settled on the haulage"
            " cable. A retired beekeeper coaxed it into a straw skep.",
            "Passengers were driven to the top by minibus and handed a jar of honey.")),
        Story("Drivers on the Vale line call off their strike", (
            "After nine days of stoppages, drivers on the Vale line are going back to work. Managers promised to hire"
            " six people and to redraw night rosters.",
            "Members vote on the deal before the weekend.")),
        Story("Leak shuts Olympic pool until Christmas", (
            "Engineers found water seeping beneath the main basin, forcing the city to close its Olympic pool. Clubs"
            " will squeeze into neighbourhood baths meanwhile.",
            "The builder denies shoddy work and wants a court to appoint an expert.")),
        Story("Stolen altarpiece turns up in a barn", (
            "Missing since the sixties, a limewood altarpiece from a Rhenish workshop had been resting behind straw"
            " bales. The farmer thought he owned an old door.",
            "The diocesan museum hopes to show it once restored.")),
        Story("Grape harvest three weeks early on Brenn hill", (
            "Secateurs have never come out so soon on Brenn hill. June heat swelled the berries and growers fear wine"
            " that is far too strong.",
            "Some now pick at night with lamps strapped to their foreheads.")),
        Story("Two schools swap exercise books for tablets", (
            "Pupils at a pair of pilot schools will write on screens in every subject but art. Parents started a"
            " petition in favour of handwriting.",
            "The education office is to report after the first term.")),
        Story("Tressant brass band turns one hundred", (
            "A hundred candles and forty horns: the Tressant band marched through confetti on Saturday. Its oldest"
            " trombonist joined as a schoolboy in short trousers.",
            "A record made inside the church comes out next spring.")),
        Story("Two ewes killed by a wolf on Flatback moor", (
            "A shepherd came upon two carcasses at dawn. Prints left in mud point to a lone animal, according to"
            " rangers of the national park.",
            "Farmers are asking for extra guard dogs.")),
        Story("Gavrell trams to run on hydrogen", (
            "The Gavrell transport board ordered eight fuel-cell trams, due within three years. Opposition councillors"
            " call it an expensive gamble.",
            "A filling station will rise where coal was once stored.")),
        Story("Lighthouse on sale for the price of a garage", (
            "The state is selling the Stock lighthouse, empty since it was automated. Whoever buys must repaint the"
            " tower every seven years and let birds through.",
            "Fifty curious people have already asked for a tour.")),
        Story("Teenagers mend bicycles abandoned at the station", (
            "Every Thursday a workshop puts forgotten bikes back on the road. Pupils sell them cheaply and pay for a"
            " class trip to Lapland.",
            "The railway lent them a former left-luggage room.")),
    ),
}  # fmt: skip

COOKIE_WALL = {
    "fr": "Avec votre accord, nos 214 partenaires et nous utilisons des traceurs pour mesurer la fréquentation de nos"
    " pages, personnaliser les annonces et financer une rédaction indépendante. Vous pouvez tout refuser en prenant"
    " l’abonnement sans publicité à 2 euros par mois, changer d’avis à tout moment au bas de chaque page, ou consulter"
    " la liste complète des finalités dans notre politique de confidentialité.",
    "en": "With your consent, our 214 partners and we store trackers on your device to measure visits, to tailor"
    " advertising and to pay for an independent newsroom. You may refuse all of them by taking the ad-free plan at 2"
    " pounds a month, change your mind whenever you like at the foot of every page, or read the full list of purposes"
    " in our privacy notice.",
}

PAYWALL = {
    "fr": "Il vous reste 82 % de cet article à découvrir. La suite est réservée à nos abonnés : dès 1 euro le premier"
    " mois, sans engagement, accédez à tous nos articles, aux archives et au journal numérique la veille au soir."
    " Déjà abonné ? Identifiez-vous avec votre adresse électronique pour poursuivre votre lecture.",
    "en": "You have 82 per cent of this article left to read. The rest is reserved for our subscribers: from 1 pound"
    " for the first month, cancel whenever you wish, get every story, the archive and the digital edition on the"
    " evening before. Already a member? Sign in with your e-mail address to carry on reading.",
}

NEWSLETTER = {
    "fr": "Chaque matin à six heures, recevez dans votre boîte aux lettres l’essentiel de l’actualité choisi par la"
    " rédaction. Votre adresse sert uniquement à vous envoyer cette lettre ; vous pourrez vous en désinscrire grâce au"
    " lien placé en bas de chaque envoi.",
    "en": "Every morning at six, get the essential news picked by our editors in your inbox. Your address is only used"
    " to send you this letter, and you can unsubscribe through the link found at the bottom of each mailing.",
}

READ_ALSO = {
    "fr": "À lire aussi : Le palmarès des communes où il fait bon vieillir. Notre carte interactive des radars"
    " tronçons de la région. Pourquoi le prix du beurre ne redescendra pas avant Noël. Jeu : connaissez-vous vraiment"
    " les rivières du pays ?",
    "en": "Read also: The towns where growing old is pleasant, ranked. Our interactive map of average speed cameras in"
    " the region. Why butter will not get cheaper before Christmas. Quiz: how well do you know the nation’s rivers?",
}

COPYRIGHT = {
    "fr": "© Tous droits réservés. Toute reproduction, même partielle, des contenus de ce site est interdite sans"
    " l’autorisation écrite préalable de l’éditeur et donnera lieu à des poursuites.",
    "en": "© All rights reserved. No part of the contents of this site may be reproduced without prior written"
    " permission from the publisher, and offenders will be prosecuted.",
}
