"""How mimamo import is called."""

import pytest

from mimamo.cli import main


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--range", "10,-10"], "--range: expected the lowest and the highest value, such as -10,10"),
        (["--range", "1"], "found '1'"),
        (["--range", "nan,3"], "found 'nan,3'"),
        (["--first-frame", "2"], "--first-frame: expected one of 0, 1, found '2'"),
    ],
)
def test_wrong_values_are_told(arguments, fault, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["import", "values.csv", "out", "--crops", "c", *arguments])
    assert ended.value.code == 2 and fault in capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["--crops", "c"], ["--range=-10,10"]])
def test_a_table_needs_crops_and_a_range(tmp_path, capsys, options):
    (tmp_path / "values.csv").touch()
    assert main(["import", str(tmp_path / "values.csv"), str(tmp_path / "out"), *options]) == 2
    assert "comes with --crops FOLDER and --range LOW,HIGH" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--crops", "c"], ["--range", "-10,10"], ["--first-frame", "1"]])
def test_afew_va_needs_nothing_said(tmp_path, capsys, options):
    assert main(["import", str(tmp_path), str(tmp_path / "out"), *options]) == 2
    assert "a folder is taken for AFEW-VA" in capsys.readouterr().err
