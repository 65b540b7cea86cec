"""Invented pages for the tests of extraction."""

from __future__ import annotations

FETCHED = "2025-02-10T09:00:00+00:00"

FR_PARAGRAPHS = [
    "Le conseil municipal de Valmère a adopté lundi soir, par trente voix contre douze, le plan de rénovation du vieux "
    "pont, fermé à la circulation depuis l’effondrement d’une arche en novembre.",
    "« Nous ne pouvions plus attendre », a déclaré la maire, Hélène Castaing, à l’issue d’une séance de quatre heures. "
    "Les travaux commenceront au printemps et dureront au moins dix-huit mois, selon la direction des routes.",
    "L’opposition juge le coût excessif : 14 millions d’euros, dont la moitié à la charge de la commune. "
    "Elle demande un référendum avant l’été et annonce un recours devant le tribunal administratif.",
]
EN_PARAGRAPHS = [
    "The harbour authority of Port Ansel said on Monday that it would close the eastern dock for three weeks while "
    "divers inspect the foundations of the old grain silo, which has been leaning since the January storm.",
    "“We would rather lose three weeks than a crane,” the harbour master, Ruth Okafor, told reporters on the quay. "
    "Ships with perishable cargo will be sent to the western basin, where two extra berths have been dredged.",
    "Traders in the fish market fear higher costs. A spokesman for the cooperative said that members would ask the "
    "city for a discount on rents until the dock is open again, and that talks would begin on Thursday.",
]


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def page(body: str, head: str = "", lang: str = "fr") -> str:
    return f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def news_page() -> str:
    """A page with everything a French news site prints around an article."""
    head = """
    <title>Valmère : le vieux pont sera rénové - Le Phare</title>
    <meta property="og:title" content="Valmère : le vieux pont sera rénové | Le Phare">
    <meta property="og:site_name" content="Le Phare"><meta property="og:type" content="article">
    <meta property="og:image" content="/img/pont.jpg">
    <meta name="news_keywords" content="Valmère, pont, travaux">
    <link rel="canonical" href="https://www.lephare.example/politique/valmere-pont-4711.html">
    <script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",
      "headline": "Valmère : le vieux pont sera rénové", "datePublished": "2025-02-09T18:19:00+01:00",
      "dateModified": "2025-02-09T20:02:00+01:00", "articleSection": "Politique", "isAccessibleForFree": true,
      "author": [{"@type": "Person", "name": "Aline Morvan"}, {"@type": "Organization", "name": "AFP"}],
      "articleBody": "Ce texte du balisage n'est pas celui de la page."}</script>
    """
    body = f"""
    <nav class="main-nav"><ul><li><a href="/">Accueil</a></li><li><a href="/sport">Sport</a></li></ul></nav>
    <div id="cookie-banner"><p>Nous utilisons des cookies pour mesurer l’audience de ce site.</p></div>
    <main><article>
      <header><span class="kicker">Travaux</span><h1>Valmère : le vieux pont sera rénové</h1>
      <p class="chapo">Fermé depuis novembre, l’ouvrage ne rouvrira pas avant la fin de l’année prochaine.</p>
      <p class="byline">Par Aline Morvan avec AFP</p></header>
      <figure><img src="/img/pont.jpg"><figcaption>Le pont, en janvier, vu de la rive gauche.</figcaption></figure>
      <div class="article-body">
        <p>{FR_PARAGRAPHS[0]}</p><p>{FR_PARAGRAPHS[1]}</p>
        <p><strong>Lire aussi : <a href="/a/arche">L’arche effondrée, récit d’une nuit</a></strong></p>
        <div class="newsletter-box"><p>Recevez chaque matin notre lettre d’information.</p></div>
        <h2>Un recours annoncé</h2>
        <p>{FR_PARAGRAPHS[2]}</p>
      </div>
      <ul class="tags"><li><a href="/t/valmere">Valmère</a></li></ul>
    </article>
    <section class="comments"><h3>3 commentaires</h3><p>Enfin une décision, il était temps que la mairie se réveille,
      après tant de mois perdus à discuter de la couleur des garde-corps.</p></section></main>
    <aside class="related"><h3>À lire aussi</h3>
    <ul><li><a href="/a/1">Grève des bus mardi à Valmère</a></li></ul></aside>
    <footer><p>© Le Phare. Tous droits réservés.</p></footer>
    """
    return page(body, head)
