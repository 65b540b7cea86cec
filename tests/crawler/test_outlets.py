import pytest

from crawler.outlets import OutletFileError, UnknownOutletError, catalogue, load, select
from storage.records import Outlet

GOOD = """
[[outlet]]
id = "le-matinal"
name = "Le Matinal"
kind = "publisher"
country = "BE"
language = "fr-BE"
home = "https://www.lematinal.example.be/"
feeds = ["https://www.lematinal.example.be/rss.xml"]
delay = 1.5
selectors = { body = "div.story p", title = "//h1" }

[[outlet]]
id = "harbour-post"
name = "The Harbour Post"
enabled = false
"""


def write(tmp_path, text):
    path = tmp_path / "outlets.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_outlets_come_in_the_order_of_the_file_with_defaults(tmp_path):
    first, second = load(write(tmp_path, GOOD))
    assert first.feeds == ("https://www.lematinal.example.be/rss.xml",)
    assert (first.delay, first.local, first.selectors["body"]) == (1.5, False, "div.story p")
    assert second == Outlet(id="harbour-post", name="The Harbour Post", enabled=False)


def test_missing_file_names_the_remedy(tmp_path):
    with pytest.raises(OutletFileError, match=r"nothing\.toml: no such file; make one with: depeche init"):
        load(tmp_path / "nothing.toml")


def test_malformed_toml_names_line_and_column(tmp_path):
    with pytest.raises(OutletFileError, match=r"outlets\.toml: not valid TOML: .*line 3, column \d+"):
        load(write(tmp_path, '[[outlet]]\nid = "a"\nname = Le Matinal\n'))


def test_file_that_is_not_utf8_is_named(tmp_path):
    with pytest.raises(OutletFileError, match="byte 26 is not UTF-8"):
        load(write(tmp_path, '[[outlet]]\nid = "a"\nname="\xe9"'.encode("latin-1")))


OUTLET = '[[outlet]]\nid = "matinal"\nname = "Le Matinal"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no outlet"),
        ("outlet = 3", "holds no outlet"),
        ('title = "x"', "'title' is not known"),
        ('[[outlet]]\nname = "x"', "outlet number 1: id is missing"),
        ('[[outlet]]\nid = "x"', "outlet x: name is missing"),
        ('[[outlet]]\nid = "Le Matinal"\nname = "x"', "id is 'Le Matinal'; allowed: a-z, 0-9 and hyphens"),
        (OUTLET + 'kind = "newspaper"', "outlet matinal: kind is 'newspaper'; allowed: publisher or aggregator"),
        (OUTLET + 'country = "Belgium"', "country is 'Belgium'; allowed: two capital letters"),
        (OUTLET + 'language = "français"', "language is 'français'; allowed: a language tag"),
        (OUTLET + 'home = "lematinal.be"', "home is 'lematinal.be'; allowed: one http or https URL"),
        (OUTLET + 'feeds = "https://x.example.be/rss"', "allowed: a list of http or https URLs"),
        (OUTLET + 'feeds = ["file:///etc/passwd"]', "allowed: a list of http or https URLs"),
        (OUTLET + 'sections = ["https://u:p@x.example.be/"]', "allowed: a list of http or https URLs"),
        (OUTLET + 'feeds = ["http://[::1/"]', "allowed: a list of http or https URLs"),
        (OUTLET + 'delay = "fast"', "delay is 'fast'; allowed: seconds from 0 to 3600"),
        (OUTLET + "delay = -1", "delay is -1; allowed"),
        (OUTLET + "delay = nan", "delay is nan; allowed"),
        (OUTLET + "delay = true", "delay is True; allowed"),
        (OUTLET + 'enabled = "yes"', "enabled is 'yes'; allowed: true or false"),
        (OUTLET + 'feds = ["https://x.example.be/rss"]', "'feds' is not known; did you mean feeds?"),
        (OUTLET + "selectors = { body = 3 }", "allowed: a table of texts"),
        (OUTLET + 'selectors = { corps = "p" }', "selectors.corps is not known; known are title"),
        (OUTLET + 'selectors = { body = "div[[" }', "selectors.body is 'div[['"),
        (OUTLET + 'selectors = { body = "//div[" }', "selectors.body is '//div['"),
        (OUTLET + OUTLET, "id 'matinal' is there twice"),
        (OUTLET + '[[outlet]]\nid = "b"\nname = "LE MATINAL"', "name 'LE MATINAL' is there twice"),
    ],
)
def test_mistake_names_file_outlet_key_and_what_is_allowed(tmp_path, text, message):
    with pytest.raises(OutletFileError) as raised:
        load(write(tmp_path, text))
    assert message in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path / "outlets.toml"))
    assert "\n" not in str(raised.value)


def test_select_takes_ids_and_names_and_without_any_all_that_are_enabled(tmp_path):
    outlets = load(write(tmp_path, GOOD))
    assert [o.id for o in select(outlets, [])] == ["le-matinal"]
    assert [o.id for o in select(outlets, ["the harbour post", "LE-MATINAL"])] == ["le-matinal", "harbour-post"]


def test_unknown_outlet_suggests_the_nearest(tmp_path):
    outlets = load(write(tmp_path, GOOD))
    with pytest.raises(UnknownOutletError, match=r"no outlet 'lematinal'; did you mean le-matinal\?"):
        select(outlets, ["lematinal"])
    with pytest.raises(UnknownOutletError, match="see: depeche outlets list"):
        select(outlets, ["zzz"])


def test_shipped_catalogue_loads():
    assert len(catalogue()) >= 60
