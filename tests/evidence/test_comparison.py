from mimamo.evidence.comparison import ANCHORS, write_comparison
from mimamo.storage.files import read_csv
from support.predictions import LENGTH


def test_comparison_puts_published_numbers_beside_and_marks_them(stage):
    root, _, table = stage
    protocol = "official" if len(table) > 8 else "merged"
    out = root / "comparison.csv"
    tables = [{protocol: root / name} for name in ("scores.csv", "variants.csv")]
    write_comparison(*tables, out, True, "of a test")
    rows = read_csv(out)
    assert list(rows.columns[:3]) == ["entry", "split", "source"]
    published = rows[rows["source"] == "published"]
    assert len(published) == len(ANCHORS) and published["frames"].isna().all()
    assert published["note"].str.startswith("other people's number").all()
    report = published[published["entry"].str.contains("technical report")].iloc[0]
    assert (report["ccc_valence"], report["ccc_arousal"]) == (0.415, 0.511)
    ours = rows[rows["source"] == "this run"]
    assert len(ours) == (3 if protocol == "official" else 1) and set(ours["note"]) == {"of a test"}
    assert (ours["ccc_valence_low"] < ours["ccc_valence"]).all()
    if protocol == "official":
        chosen = table[(table["kind"] == "gaps") & (table["configured"] == "yes")].iloc[0]
        said = ours[ours["split"].str.contains("all annotated frames, gaps: previous")].iloc[0]
        assert said["ccc_arousal"] == chosen["ccc_arousal"] and said["frames"] == 6 * LENGTH
    write_comparison(*tables, out, published=False)
    assert list(read_csv(out)["entry"]) == list(ours["entry"])
