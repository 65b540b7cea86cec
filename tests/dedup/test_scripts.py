"""One dispatch and an edited copy of it in many languages and scripts, through the whole path."""

from __future__ import annotations

import pytest

from tests.dedup.newsroom import SEEDS, News, clusters

# Headline, first sentence, second sentence, and the first sentence as another desk edits it.
DISPATCHES = {
    "Dutch": (
        "Brug over de Veska gaat in mei open",
        "De nieuwe brug over de Veska gaat in mei open voor het verkeer, heeft het gemeentebestuur van Bosstede"
        " woensdag bekendgemaakt.",
        "De werken duurden acht jaar en kostten meer dan beloofd; wie op de linkeroever woont, ging al die tijd met de"
        " veerpont naar zijn werk.",
        "De nieuwe brug over de Veska gaat in mei open voor auto's, heeft het gemeentebestuur van Bosstede gisteren"
        " bekendgemaakt.",
    ),
    "German": (
        "Brücke über die Weska öffnet im Mai",
        "Die neue Brücke über die Weska wird im Mai für den Verkehr geöffnet, teilte die Stadtverwaltung von"
        " Waldstätten am Mittwoch mit.",
        "Die Arbeiten dauerten acht Jahre und wurden teurer als versprochen; die Bewohner des linken Ufers fuhren"
        " währenddessen mit der Fähre zur Arbeit.",
        "Die neue Brücke über die Weska wird im Mai für Autos geöffnet, teilte die Stadtverwaltung von Waldstätten"
        " gestern mit.",
    ),
    "Spanish": (
        "El puente sobre el Vesca abrirá en mayo",
        "El nuevo puente sobre el río Vesca abrirá al tráfico en mayo, anunció el miércoles el ayuntamiento de Arboleda"
        " del Valle.",
        "Las obras duraron ocho años y costaron más de lo prometido; los vecinos de la orilla izquierda iban mientras"
        " tanto al trabajo en barca.",
        "El nuevo puente sobre el río Vesca abrirá a los coches en mayo, anunció ayer el ayuntamiento de Arboleda del"
        " Valle.",
    ),
    "Italian": (
        "Il ponte sulla Vesca aprirà a maggio",
        "Il nuovo ponte sulla Vesca sarà aperto al traffico a maggio, ha annunciato mercoledì il comune di Boscoverde"
        " ai cittadini.",
        "I lavori sono durati otto anni e sono costati più del promesso; gli abitanti della riva sinistra andavano al"
        " lavoro con il traghetto.",
        "Il nuovo ponte sulla Vesca sarà aperto alle auto a maggio, ha annunciato ieri il comune di Boscoverde ai"
        " cittadini.",
    ),
    "Portuguese": (
        "Ponte sobre o Vesca abre em maio",
        "A nova ponte sobre o rio Vesca abre ao trânsito em maio, anunciou na quarta-feira a câmara municipal de"
        " Arvoredo do Vale.",
        "As obras duraram oito anos e custaram mais do que se prometera; os moradores da margem esquerda iam trabalhar"
        " de barco durante esse tempo.",
        "A nova ponte sobre o rio Vesca abre aos automóveis em maio, anunciou ontem a câmara municipal de Arvoredo do"
        " Vale.",
    ),
    "Polish": (
        "Most na Wesce otworzą w maju",
        "Nowy most na Wesce zostanie otwarty dla ruchu w maju, poinformował w środę urząd miasta w Leśnej Górze.",
        "Budowa trwała osiem lat i kosztowała więcej, niż obiecywano; mieszkańcy lewego brzegu dojeżdżali w tym czasie"
        " do pracy promem.",
        "Nowy most na Wesce zostanie otwarty dla samochodów w maju, poinformował wczoraj urząd miasta w Leśnej Górze.",
    ),
    "Russian": (
        "Мост через Веску откроют в мае",
        "Новый мост через Веску откроют для движения в мае, сообщила в среду администрация города Залесска.",
        "Строительство длилось восемь лет и обошлось дороже, чем обещали; жители левого берега всё это время добирались"
        " до работы на пароме.",
        "Новый мост через Веску откроют для автомобилей в мае, сообщила накануне администрация города Залесска.",
    ),
    "Greek": (
        "Ανοίγει τον Μάιο η γέφυρα του Βέσκου",
        "Η νέα γέφυρα του Βέσκου θα ανοίξει τον Μάιο στην κυκλοφορία, ανακοίνωσε την Τετάρτη ο δήμος Αλσοχωρίου.",
        "Τα έργα κράτησαν οκτώ χρόνια και κόστισαν περισσότερο από όσο είχαν υποσχεθεί· οι κάτοικοι πήγαιναν στη"
        " δουλειά με το πορθμείο.",
        "Η νέα γέφυρα του Βέσκου θα παραδοθεί τον Μάιο στην κυκλοφορία, ανακοίνωσε χθες ο δήμος Αλσοχωρίου.",
    ),
    "Arabic": (
        "جسر الوادي يفتح في أيار",
        "أعلنت بلدية السهل يوم الأربعاء أن الجسر الجديد فوق الوادي سيفتح أمام حركة السير في شهر أيار المقبل.",
        "واستمرت الأشغال ثماني سنوات وكلفت أكثر مما وعد به، بينما كان سكان الضفة اليسرى يعبرون إلى أعمالهم بالعبّارة.",
        "أعلنت بلدية السهل أمس أن الجسر الجديد فوق الوادي سيفتح أمام السيارات في شهر أيار المقبل.",
    ),
    "Hebrew": (
        "הגשר מעל הנחל ייפתח במאי",
        "הגשר החדש מעל נחל הערבה ייפתח לתנועה בחודש מאי, כך הודיעה ביום רביעי עיריית נווה־גבעה לתושבים.",
        "העבודות נמשכו שמונה שנים ועלו יותר מכפי שהובטח; תושבי הגדה השמאלית נאלצו כל העת להגיע לעבודתם במעבורת.",
        "הגשר החדש מעל נחל הערבה ייפתח למכוניות בחודש מאי, כך הודיעה אתמול עיריית נווה־גבעה לתושבים.",
    ),
    "Hindi": (
        "वेस्का नदी का पुल मई में खुलेगा",
        "वेस्का नदी पर बना नया पुल मई महीने में यातायात के लिए खोल दिया जाएगा, नगर पालिका ने बुधवार को यह जानकारी दी।",
        "निर्माण में आठ साल लगे और खर्च वादे से ज़्यादा हुआ; बाएँ किनारे के लोग इस दौरान नाव से काम पर जाते रहे।",
        "वेस्का नदी पर बना नया पुल मई महीने में गाड़ियों के लिए खोल दिया जाएगा, नगर पालिका ने कल यह जानकारी दी।",
    ),
    "Chinese": (
        "维斯卡河新桥五月通车",
        "林镇市政府周三宣布,维斯卡河上的新桥将于五月通车。",
        "工程历时八年,花费超出当初的承诺,左岸居民这些年一直靠渡船上班。",
        "林镇市政府昨天宣布,维斯卡河上的新桥将在五月通车。",
    ),
    "Japanese": (
        "ヴェスカ川の新しい橋、五月に開通",
        "森町は水曜日、ヴェスカ川に架かる新しい橋を五月に開通させると発表した。",
        "工事は八年におよび、費用は当初の約束を上回った。左岸の住民はその間、渡し船で通勤していた。",
        "森町はきのう、ヴェスカ川に架かる新しい橋を五月にも開通させると発表した。",
    ),
    "Thai": (
        "สะพานข้ามแม่น้ำเวสกาเปิดเดือนพฤษภาคม",
        "เทศบาลเมืองป่าไผ่ประกาศเมื่อวันพุธว่าสะพานใหม่ข้ามแม่น้ำเวสกาจะเปิดให้รถวิ่งในเดือนพฤษภาคม",
        "การก่อสร้างใช้เวลาแปดปีและแพงกว่าที่สัญญาไว้ ชาวฝั่งซ้ายต้องนั่งเรือข้ามฟากไปทำงานตลอดมา",
        "เทศบาลเมืองป่าไผ่ประกาศเมื่อวานว่าสะพานใหม่ข้ามแม่น้ำเวสกาจะเปิดใช้ในเดือนพฤษภาคม",
    ),
    "Korean": (
        "베스카강 새 다리 오월 개통",
        "숲마을 시청은 수요일 베스카강을 건너는 새 다리를 오월에 차량에 개방한다고 주민들에게 발표했다.",
        "공사는 팔 년이 걸렸고 비용은 처음 약속보다 많이 들었으며 왼쪽 강변 주민들은 그동안 나룻배로 출근해야 했다.",
        "숲마을 시청은 어제 베스카강을 건너는 새 다리를 오월에 시민에 개방한다고 주민들에게 발표했다.",
    ),
}


def article(language: str, outlet: str, *paragraphs: str) -> News:
    return News(outlet=outlet, headline=DISPATCHES[language][0], text="\n\n".join(paragraphs))


@pytest.mark.parametrize("language", DISPATCHES)
def test_an_edited_copy_with_its_sentences_reversed_is_linked(language: str) -> None:
    headline, first, second, edited = DISPATCHES[language]
    copy = News(outlet="gazette", headline=second[: len(headline)], text=f"{second}\n\n{edited}")
    for seed in SEEDS:
        assert clusters([article(language, "le-phare", first, second), copy], seed) == {frozenset({0, 1})}


@pytest.mark.parametrize("language", DISPATCHES)
def test_a_copy_without_text_is_linked_by_its_headline(language: str) -> None:
    _, first, second, _ = DISPATCHES[language]
    for seed in SEEDS:
        assert clusters([article(language, "le-phare", first, second), article(language, "gazette")], seed) == {
            frozenset({0, 1})
        }


def test_one_event_told_in_many_languages_is_as_many_articles() -> None:
    told = [article(language, language, *DISPATCHES[language][1:3]) for language in DISPATCHES]
    for seed in SEEDS:
        assert clusters(told, seed) == set()


@pytest.mark.parametrize("language", DISPATCHES)
def test_the_two_halves_of_a_text_are_not_alike(language: str) -> None:
    """Letters and characters recur within a language without making its texts alike."""
    headline, first, second, _ = DISPATCHES[language]
    halves = [News(outlet="a", headline=headline, text=first), News(outlet="b", headline=second, text=second)]
    for seed in SEEDS:
        assert clusters(halves, seed) == set()
