"""Code to copy: the same rows by curl, pandas and Power Query. No token stands in any of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Snippet:
    """`name` is what the tool is called; `text` goes into it as it is."""

    id: str
    name: str
    text: str


def snippets(base: str, dataset: str, *, open_data: bool) -> list[Snippet]:
    """For open data without any proof, else with `$SIMPUL_TOKEN` from the environment."""
    base = base.rstrip("/")
    file = dataset.replace("/", "-")
    return [
        Snippet("curl", "curl", _curl(base, dataset, file, open_data)),
        Snippet("pandas", "pandas (Python)", _pandas(base, dataset, open_data)),
        Snippet("power-query", "Power Query (Excel)", _power_query(base, dataset)),
    ]


def _curl(base: str, dataset: str, file: str, open_data: bool) -> str:
    proof = "" if open_data else '  -H "Authorization: Bearer $SIMPUL_TOKEN" \\\n'
    return (
        "curl -fsS \\\n" + proof + f'  "{base}/api/v1/datasets/{dataset}/rows?format=csv" \\\n'
        f"  -o {file}.csv"
    )


def _pandas(base: str, dataset: str, open_data: bool) -> str:
    url = f"{base}/api/v1/datasets/{dataset}/rows?format=parquet"
    if open_data:
        return f'import pandas as pd\n\ndata = pd.read_parquet(\n    "{url}"\n)'
    return (
        "import os\n\nimport pandas as pd\n\n"
        'token = os.environ["SIMPUL_TOKEN"]\n'
        f'data = pd.read_parquet(\n    "{url}",\n'
        '    storage_options={"Authorization": f"Bearer {token}"},\n)'
    )


def _power_query(base: str, dataset: str) -> str:
    return (
        "let\n"
        f'    Sumber = Csv.Document(\n        Web.Contents("{base}", [\n'
        f'            RelativePath = "api/v1/datasets/{dataset}/rows",\n'
        '            Query = [format = "csv"]\n        ]),\n'
        '        [Delimiter = ",", Encoding = 65001]\n    ),\n'
        "    Tabel = Table.PromoteHeaders(Sumber)\nin\n    Tabel"
    )
