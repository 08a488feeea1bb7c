"""A query as code to copy: curl, pandas, R and Power Query. No token stands in any of them."""

import json

from hub.web.snippets import Snippet


def query_snippets(base: str, sql: str) -> list[Snippet]:
    """Each reads the token of `$SIMPUL_TOKEN`; Power Query has no environment and asks for it."""
    base = base.rstrip("/")
    return [
        Snippet("curl", "curl", _curl(base, sql)),
        Snippet("pandas", "pandas (Python)", _pandas(base, sql)),
        Snippet("r", "R (httr2)", _r(base, sql)),
        Snippet("power-query", "Power Query (Excel)", _power_query(base, sql)),
    ]


def _curl(base: str, sql: str) -> str:
    # One line of JSON cannot be the line that ends the text, so nothing in a query breaks out.
    asked = json.dumps({"sql": sql, "format": "csv"}, ensure_ascii=False)
    return (
        "curl -fsS \\\n"
        '  -H "Authorization: Bearer $SIMPUL_TOKEN" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  --data-binary @- -o hasil.csv \"{base}/api/v1/query\" <<'JSON'\n{asked}\nJSON"
    )


def _pandas(base: str, sql: str) -> str:
    plain = '"""' not in sql and "\\" not in sql and not sql.endswith('"')
    text = f'"""{sql}"""' if plain else repr(sql)
    return (
        "import os\n\nfrom hub.client import Simpul\n\n"
        f'with Simpul("{base}", token=os.environ["SIMPUL_TOKEN"]) as simpul:\n'
        f"    data = simpul.query({text})"
    )


def _r(base: str, sql: str) -> str:
    return (
        "library(httr2)\n\n"
        f'jawaban <- request("{base}/api/v1/query") |>\n'
        '  req_auth_bearer_token(Sys.getenv("SIMPUL_TOKEN")) |>\n'
        f'  req_body_json(list(format = "csv", sql = {json.dumps(sql, ensure_ascii=False)})) |>\n'
        "  req_perform()\n"
        "data <- read.csv(text = resp_body_string(jawaban))"
    )


def _power_query(base: str, sql: str) -> str:
    text = sql.replace("#(", "#(#)(").replace('"', '""').replace("\n", "#(lf)")
    return (
        "(token as text) =>\nlet\n"
        f'    Kueri = "{text}",\n'
        f'    Jawaban = Web.Contents("{base}", [\n'
        '        RelativePath = "api/v1/query",\n'
        '        Headers = [#"Content-Type" = "application/json", Authorization = "Bearer " & token],\n'
        '        Content = Json.FromValue([sql = Kueri, format = "csv"])\n'
        "    ]),\n"
        '    Sumber = Csv.Document(Jawaban, [Delimiter = ",", Encoding = 65001]),\n'
        "    Tabel = Table.PromoteHeaders(Sumber)\nin\n    Tabel"
    )
