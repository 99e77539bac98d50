"""Reading data: what is read is what stands in the file; the rest is refused with a way to mend it."""

import sys

import numpy as np
import pytest

from sgdtheory.data import Data, builtin, load_dataset, read_table
from sgdtheory.errors import DataError, SGDTheoryError, UnknownNameError

TABLE = "height,weight,y\n1.5,2,3\n2.5,1,5\n3.5,7,4\n"


@pytest.fixture
def write(tmp_path):
    def _write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


@pytest.mark.parametrize(
    ("name", "shape", "first"),
    [
        ("diabetes", (442, 11), 151.0),
        ("digits", (1797, 62), 0.0),
        ("mnist5k", (5000, 664), 0.0),
    ],
)
def test_datasets_are_whole(name, shape, first):
    data = load_dataset(name, intercept=True)
    assert data.X.shape == shape
    assert data.y.shape == shape[:1]
    assert data.y[0] == first
    assert len(data.feature_names) == len(set(data.feature_names)) == shape[1]
    assert data.feature_names[-1] == "intercept"
    assert (data.X[:, -1] == 1).all()
    assert data.X.dtype == data.y.dtype == np.float64
    assert data.notes


@pytest.mark.parametrize("name", ["diabetes", "digits", "mnist5k"])
def test_datasets_are_those_that_the_packages_load(name, monkeypatch):
    """Their files are read without importing the packages; should they move, the packages' own functions serve."""
    monkeypatch.setattr(builtin, "_module", None)
    read = load_dataset(name)
    monkeypatch.undo()
    monkeypatch.setattr(builtin, "_folder", lambda package: None)
    loaded = load_dataset(name)
    np.testing.assert_array_equal(read.X, loaded.X)
    np.testing.assert_array_equal(read.y, loaded.y)
    assert (read.feature_names, read.target_name, read.notes) == (
        loaded.feature_names,
        loaded.target_name,
        loaded.notes,
    )


def test_features_of_diabetes_are_named_as_in_the_package():
    from sklearn.datasets import load_diabetes

    assert list(load_dataset("diabetes").feature_names) == list(load_diabetes().feature_names)


def test_diabetes_is_standardised_with_divisor_d():
    data = load_dataset("diabetes")
    np.testing.assert_allclose(data.X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(data.X.var(axis=0), 1, rtol=1e-12)
    assert any("standardised" in note for note in data.notes)


def test_pixels_are_scaled_and_constant_ones_dropped():
    from sklearn.datasets import load_digits

    data = load_dataset("digits")
    assert data.X.min() == 0
    assert data.X.max() == 1
    assert "3 constant pixel columns dropped" in data.notes
    row, column = map(int, data.feature_names[20].split("_")[1:])
    np.testing.assert_array_equal(data.X[:, 20] * 16, load_digits().images[:, row, column])


def test_unknown_dataset_offers_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'diabetes'"):
        load_dataset("diabets")


def test_missing_package_says_how_to_install_it(monkeypatch):
    for module in ("sklearn", "sklearn.datasets"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DataError, match=r"pip install 'sgdtheory\[examples\]'"):
        load_dataset("digits")


def test_missing_pandas_says_how_to_install_it(monkeypatch, write):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(DataError, match=r"pip install 'sgdtheory\[data\]'"):
        read_table(write(TABLE), "y")


@pytest.mark.parametrize(("name", "separator"), [("t.csv", ","), ("t.tsv", "\t"), ("T.CSV", ",")])
def test_text_tables(write, name, separator):
    data = read_table(write(TABLE.replace(",", separator), name), "weight")
    assert isinstance(data, Data)
    assert data.feature_names == ("height", "y")
    np.testing.assert_array_equal(data.X, [[1.5, 3], [2.5, 5], [3.5, 4]])
    np.testing.assert_array_equal(data.y, [2, 1, 7])
    assert data.target_name == "weight"
    assert data.name == name


def test_numbers_are_read_to_the_last_bit(write):
    numbers = np.random.default_rng(1).standard_normal((50, 2))
    content = "a,y\n" + "".join(f"{float(a)!r},{float(y)!r}\n" for a, y in numbers)
    data = read_table(write(content), "y")
    np.testing.assert_array_equal(np.column_stack([data.X, data.y]), numbers)


def test_quotes_spaces_bom_and_blank_lines(write):
    data = read_table(write('\ufeff"a", b ,y\r\n 1, 2,3\r\n\r\n4,5,9\r\n'), "y")
    assert data.feature_names == ("a", "b")
    np.testing.assert_array_equal(data.X, [[1, 2], [4, 5]])


def test_a_saved_row_index_is_left_out_and_said(write):
    data = read_table(write(",a,y\n0,1,2\n1,2,4\n"), "y")
    assert data.feature_names == ("a",)
    assert any("only counts the rows" in note for note in data.notes)


def test_drop_standardize_and_intercept(write):
    data = read_table(write(TABLE), "y", drop=["weight"], standardize=True, intercept=True)
    assert data.feature_names == ("height", "intercept")
    np.testing.assert_allclose(data.X[:, 0], np.array([-1, 0, 1]) * np.sqrt(1.5), rtol=1e-14)
    assert len(data.notes) == 3


def test_standardizing_survives_huge_and_tiny_columns(write):
    data = read_table(write("a,b,y\n1e300,1e-300,1\n3e300,2e-300,2\n8e300,4e-300,1\n"), "y", standardize=True)
    np.testing.assert_allclose(data.X.var(axis=0), 1, rtol=1e-12)


def test_npz_with_matrix_and_with_columns(tmp_path):
    X, y = np.arange(6).reshape(3, 2) ** 2, np.array([1, 5, 2])
    np.savez(tmp_path / "matrix.npz", X=X, y=y)
    np.savez(tmp_path / "columns.npz", a=X[:, 0], b=X[:, 1], c=y)
    matrix = read_table(tmp_path / "matrix.npz")
    columns = read_table(tmp_path / "columns.npz", "c")
    assert matrix.feature_names == ("x0", "x1")
    assert columns.feature_names == ("a", "b")
    np.testing.assert_array_equal(matrix.X, columns.X)
    np.testing.assert_array_equal(matrix.y, columns.y)


def test_tables_are_read_only(write):
    data = read_table(write(TABLE), "y")
    with pytest.raises(ValueError, match="read-only"):
        data.X[0, 0] = 1


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, "no rows"),
        ("height,y\n", {}, "no rows"),
        ("height,y\n1,2\n", {}, "too few rows.*Got: 1 row"),
        ("y\n1\n2\n", {}, "no feature columns"),
        (TABLE, {"drop": ["height", "weight"]}, "no feature columns"),
        (TABLE, {"target": None}, "no target column was named.*height, weight, y"),
        ("height,y\n1,2\ntall,3\n", {}, "column 'height' holds text. Got: 'tall' in data row 2.*--drop 'height'"),
        ("height,y\n1,2\n2,many\n", {}, "column 'y' holds text. Got: 'many'"),
        ('height,y\n"1,5",2\n"2,5",3\n', {}, "'1,5' in data row 1.*point for decimals"),
        ("height,y\n1,2\n,3\n,4\n", {}, "column 'height' has missing values. Got: 2 missing of 3.*row 2"),
        ("height,y\n1,2\n2,NA\n", {}, "column 'y' has missing values. Got: 1 missing"),
        ("height,y\n1,2\n2\n", {}, "column 'y' has missing values.*rows that end early"),
        ("height,y\n1,2\ninf,3\n", {}, "column 'height' holds infinite values. Got: 1 of 2.*row 2"),
        ("height,one,y\n1,5,2\n2,5,3\n", {}, "column 'one' is constant. Got: 5 in every row.*--drop 'one'"),
        ("height,y\n1,2\n2,2\n", {}, "target 'y' is constant"),
        ("height,height,y\n1,2,3\n2,3,5\n", {}, "occur twice. Got: height"),
        ("height,y\n1,2\n2,3,4\n", {}, "ragged.*line 3"),
        ("1,2\n2,3\n4,5\n", {}, "no line of column names"),
        ("height;y\n1;2\n", {}, "semicolons"),
        ("height,,y\n1,2,3\n3,4,5\n", {}, "column has no name.*column 2"),
        (b"h\xe9ight,y\n1,2\n", {}, "not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x01", {}, "not UTF-8"),
        ("intercept,y\n1,2\n2,3\n", {"intercept": True}, "already named 'intercept'"),
    ],
)
def test_tables_that_are_refused(write, content, options, message):
    with pytest.raises(DataError, match=message):
        read_table(write(content), **{"target": "y", **options})


def test_unknown_columns_offer_the_nearest(write):
    path = write(TABLE)
    with pytest.raises(UnknownNameError, match=r"unknown target column.*did you mean 'weight'"):
        read_table(path, "weigth")
    with pytest.raises(UnknownNameError, match=r"unknown column.*did you mean 'height'"):
        read_table(path, "y", drop=["heigt"])


def test_files_that_are_no_tables(tmp_path, write):
    with pytest.raises(DataError, match="no such file"):
        read_table(tmp_path / "absent.csv", "y")
    with pytest.raises(DataError, match=r"unknown kind of file.*\.xlsx.*\.csv, \.tsv, \.npz"):
        read_table(write("", "t.xlsx"), "y")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="not a file"):
        read_table(tmp_path / "folder.csv", "y")
    with pytest.raises(DataError, match="cannot be read"):
        read_table(write("no archive", "t.npz"))


@pytest.mark.parametrize(
    ("arrays", "target", "message"),
    [
        ({"X": np.ones((3, 2)), "y": np.arange(3)}, "x1", "leaves no target to choose"),
        ({"X": np.ones((3, 2)), "y": np.arange(4)}, None, r"do not fit each other.*X \(3, 2\), y \(4,\)"),
        ({"a": np.arange(3), "b": np.arange(4)}, "b", "is no table"),
        ({"X": np.array([["a"], ["b"]]), "y": np.arange(2)}, None, "does not hold real numbers"),
        ({"X": np.array([[1j], [2]]), "y": np.arange(2)}, None, "does not hold real numbers"),
        ({"X": np.array([[None], [1]], dtype=object), "y": np.arange(2)}, None, "cannot be read"),
        ({"X": np.array([[np.nan], [1]]), "y": np.arange(2)}, None, "'x0' has missing values"),
        ({}, None, "is no table"),
    ],
)
def test_archives_that_are_refused(tmp_path, arrays, target, message):
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / "t.npz", target)


def test_errors_say_what_got_allowed_and_mend(write):
    with pytest.raises(SGDTheoryError) as caught:
        read_table(write("a,y\n1,2\nx,3\n"), "y")
    assert all([caught.value.what, caught.value.got, caught.value.allowed, caught.value.mend])
    assert isinstance(caught.value, ValueError)
