"""JATS: body by section, tables with spans, and nothing of references, permissions and supplements."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from extractor.documents.model import Document
from extractor.documents.reader import read
from extractor.sources.raw import RawArticle
from extractor.sources.store import read_inputs

ARTICLE = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving DTD v1.3//EN" "JATS-archivearticle1.dtd">
<article article-type="research-article" xml:lang="en"><front>
<journal-meta><journal-title-group><journal-title>Journal of Made-Up Trials</journal-title></journal-title-group>
<publisher><publisher-name>Nobody Press</publisher-name></publisher></journal-meta>
<article-meta><article-id pub-id-type="pmid">90000002</article-id><article-id pub-id-type="pmc">9000002</article-id>
<article-id pub-id-type="doi">10.1000/mint.2</article-id>
<title-group><article-title>Mint for coughs<xref ref-type="fn" rid="f1">*</xref></article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Lee</surname><given-names>Ann</given-names></name></contrib>
<contrib contrib-type="editor"><name><surname>Not</surname><given-names>Me</given-names></name></contrib></contrib-group>
<pub-date pub-type="collection"><year>2020</year></pub-date>
<pub-date pub-type="epub"><day>4</day><month>5</month><year>2020</year></pub-date>
<permissions><copyright-statement>Copyright 2020</copyright-statement></permissions>
<abstract><sec><title>Methods</title><p>We gave mint to 60&#160;adults.</p></sec></abstract>
<abstract abstract-type="graphical"><p>A picture.</p></abstract></article-meta></front>
<body><sec><title>Methods</title><p>Coughs were counted<xref ref-type="bibr" rid="b1"><sup>1</sup></xref><sup>,</sup><xref
 ref-type="bibr" rid="b2"><sup>2</sup></xref> daily [<xref ref-type="bibr" rid="b3">3</xref>,
<xref ref-type="bibr" rid="b4">4</xref>] as Poe (<xref ref-type="bibr" rid="b5">Poe, 1999</xref>) and
<xref ref-type="bibr" rid="b6">Ray (2001)</xref> did. Cells were 10<sup>9</sup>/L, area in m<sup>2</sup>, HbA<sub>1c</sub>.</p>
<sec><title>Statistics</title><p>We used &alpha; = 0&middot;05.</p></sec><p>Ethics came last.</p></sec>
<sec><title>Results</title><p>Of 60, 41 stopped coughing:</p>
<list><list-item><p>20 with mint</p></list-item><list-item><p>21 without</p></list-item></list>
<table-wrap id="T1"><label>Table 1</label><caption><p>Coughs by arm</p></caption><table><thead>
<tr><th rowspan="2">Outcome</th><th colspan="2">Arm</th></tr><tr><th>Mint (n = 30)</th><th>None (n = 30)</th></tr></thead>
<tbody><tr><td>Stopped, n (%)<sup>a</sup></td><td>20 (66.7)</td><td>21 (70.0)</td></tr><tr><td>Worse</td><td/><td>1</td></tr></tbody>
</table><table-wrap-foot><fn><p>a At week 4.</p></fn></table-wrap-foot></table-wrap>
<fig id="F1"><label>Figure 1</label><caption><p>Coughs over time.</p></caption><graphic href="f1"/></fig></sec>
<sec sec-type="supplementary-material"><title>Supplement</title><p>File of 4.42 MB</p></sec></body>
<back><ack><p>We thank 99 people.</p></ack><ref-list><ref><mixed-citation>Poe E. 1999;12:345.</mixed-citation></ref></ref-list></back>
<floats-group><fig><label>Figure 2</label><caption><p>A flow chart of 60.</p></caption></fig></floats-group></article>
"""  # noqa: E501


def read_one(xml: str) -> Document:
    (document,) = read(RawArticle(content=xml.encode(), name="a"))
    return document


def test_text() -> None:
    assert read_one(ARTICLE).text == (
        "Mint for coughs\n\nAbstract\n\nMethods\n\nWe gave mint to 60\u00a0adults.\n\n"
        "Methods\n\n"
        "Coughs were counted daily as Poe and Ray (2001) did. Cells were 10⁹/L, area in m², HbA1c.\n\n"
        "Statistics\n\nWe used α = 0·05.\n\nEthics came last.\n\n"
        "Results\n\nOf 60, 41 stopped coughing:\n\n20 with mint\n\n21 without\n\n"
        "Table 1. Coughs by arm\n\n"
        "Outcome\tArm\t\n\tMint (n = 30)\tNone (n = 30)\nStopped, n (%)\t20 (66.7)\t21 (70.0)\nWorse\t\t1\n\n"
        "a At week 4.\n\nFigure 1. Coughs over time.\n\nFigure 2. A flow chart of 60."
    )


def test_sections_are_named_with_their_parents() -> None:
    document = read_one(ARTICLE)
    titles = [section.title for section in document.sections]
    assert titles == ["", "Abstract", "Abstract / Methods", "Methods", "Methods / Statistics", "Methods", "Results"]
    last_methods = document.sections[5]
    assert document.text[last_methods.start : last_methods.end] == "Ethics came last."


def test_spanned_cells_are_repeated_with_one_span() -> None:
    document = read_one(ARTICLE)
    (table,) = document.tables
    assert (table.id, table.caption) == ("T1", "Table 1. Coughs by arm")
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Outcome", "Arm", "Arm"],
        ["Outcome", "Mint (n = 30)", "None (n = 30)"],
        ["Stopped, n (%)", "20 (66.7)", "21 (70.0)"],
        ["Worse", "", "1"],
    ]
    assert table.rows[0][1] == table.rows[0][2]
    assert table.rows[0][0] == table.rows[1][0]
    assert [cell.header for cell in table.rows[1]] == [True] * 3
    assert not table.rows[2][1].header
    for row in table.rows:
        for cell in row:
            assert document.text[cell.start : cell.end] == cell.text
            assert table.start <= cell.start <= cell.end <= table.end
    assert document.text[table.start :].startswith("Table 1. Coughs")


def test_metadata() -> None:
    meta = read_one(ARTICLE).metadata
    assert meta.title == "Mint for coughs"
    assert meta.authors == ("Ann Lee",)
    assert meta.journal == "Journal of Made-Up Trials"
    assert meta.publisher == "Nobody Press"
    assert meta.published == "2020-05-04"
    assert meta.language == "en"
    assert (meta.identifiers.doi, meta.identifiers.pmid, meta.identifiers.pmcid) == (
        "10.1000/mint.2",
        "90000002",
        "PMC9000002",
    )


def test_two_articles_in_a_set() -> None:
    one = ARTICLE[ARTICLE.index("<article ") :]
    other = one.replace("9000002", "9000003")
    found = read(RawArticle(content=f"<pmc-articleset>{one}{other}</pmc-articleset>".encode(), name="set"))
    assert [document.id for document in found] == ["PMC9000002", "PMC9000003"]


def test_fragment_with_unknown_prefixes_and_stray_tags() -> None:
    document = read_one(
        "<abstract><p>Short.</p></abstract><sec><title>Results</title>"
        "<p>In <mml:math><mml:mi>n</mml:mi></mml:math> = 5 &amp "
        'p<0.05, <ext-link xlink:href="x">see</ext-link>.</p></p></sec></sec>'
        "<sec><title>Late</title><p>Still &nope; read."
    )
    assert document.text == (
        "Abstract\n\nShort.\n\nResults\n\nIn n = 5 &amp p<0.05, see.\n\nLate\n\nStill &nope; read."
    )


@pytest.mark.parametrize("missing", ["<tr>", "</td>", "</table>"])
def test_broken_tables_lose_no_text(missing: str) -> None:
    xml = "<sec><p>x</p><table><tr><td>12</td><td>34</td></tr></table></sec><sec><p>y</p></sec>"
    text = read_one(xml.replace(missing, "", 1)).text
    for words in ("x", "12", "34", "y"):
        assert words in text


def test_formula_in_tex_alone() -> None:
    tex = r"\documentclass{minimal}\begin{document}$$ \dot{V}{\text{O}}_2 = 3 \times 10^{-3} $$\end{document}"
    document = read_one(f"<sec><p>We took <inline-formula><tex-math>{tex}</tex-math></inline-formula> here.</p></sec>")
    assert document.text == "We took VO2 = 3 × 10⁻³ here."


CORPORA = Path(os.environ.get("EXTRACTOR_CORPORA", Path(__file__).resolve().parents[3] / "shared" / "corpora"))


@pytest.mark.skipif(not CORPORA.is_dir(), reason="no corpora here; set EXTRACTOR_CORPORA to their folder")
def test_real_articles_are_read() -> None:
    folders = [CORPORA / "evidence_inference" / "jats", CORPORA / "ico" / "articles"]
    count = 0
    paths = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())[::4]]
    for reading in read_inputs(paths):
        assert isinstance(reading, RawArticle)
        (document,) = read(reading)
        assert document.format == "jats"
        assert document.id == reading.name
        assert document.metadata.language == "en"
        count += 1
    assert count >= 50
