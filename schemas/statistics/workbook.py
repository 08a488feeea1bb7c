"""A filled form as a workbook that can be printed or filled on: labels of the form, empty fields marked."""

import io

import xlsxwriter

from schemas.statistics.forms import FORMS, Form

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_LONGEST = 32_767


def as_workbook(form: Form) -> bytes:
    """MS-Keg reads downwards; MS-Var and MS-Ind have a record a row."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        open_ = book.add_format(
            {"text_wrap": True, "valign": "top", "bg_color": "#fff3c4", "italic": True}
        )
        sheet = book.add_worksheet(form.name.upper())
        sheet.write_string(0, 0, form.title, book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, "Sel kuning belum diketahui hub; diisi oleh pihak yang disebut.")
        downwards = form.name == "ms-keg"
        sheet.set_column(0, 1 if downwards else 40, 34)
        for place, asked in enumerate(FORMS[form.name]):
            sheet.write_string(*((3 + place, 0) if downwards else (3, place)), asked.label, bold)
        for index, record in enumerate(form.records):
            for place, field in enumerate(record):
                text = field.value[:_LONGEST] if field.value else f"(diisi {field.filled_by})"
                where = (3 + place, 1) if downwards else (4 + index, place)
                sheet.write_string(*where, text, plain if field.value else open_)
        sheet.freeze_panes(3 if downwards else 4, 1)
    return out.getvalue()
