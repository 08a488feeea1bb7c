"""Whole sentences for the rules that speak of a row rather than of one value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """What is wrong and what to do; `row_*` may name `{value}` and `{expected}`, `all_*` names neither."""

    all_id: str
    all_en: str
    row_id: str
    row_en: str
    fix_id: str
    fix_en: str

    @property
    def general(self) -> tuple[str, str]:
        """For all rows with the fault."""
        return f"{self.all_id} {self.fix_id}".strip(), f"{self.all_en} {self.fix_en}".strip()

    def of_row(self, value: str, expected: str) -> tuple[str, str]:
        """For one row."""
        found = (
            text.replace("{expected}", expected).replace("{value}", value)
            for text in (self.row_id, self.row_en)
        )
        in_id, in_en = found
        return f"{in_id} {self.fix_id}".strip(), f"{in_en} {self.fix_en}".strip()


MANY_VALUES = Sentence(
    "Rekaman tidak sesuai dengan skema, dan isinya terlalu banyak untuk diuraikan satu per satu.",
    "The record does not follow the schema, and holds too much for every fault to be told.",
    "Rekaman ini tidak sesuai dengan skema, dan isinya terlalu banyak untuk diuraikan satu per satu.",
    "This record does not follow the schema, and holds too much for every fault to be told.",
    "Betulkan yang disebut, atau bagi menjadi beberapa rekaman.",
    "Correct what is told, or divide it into several records.",
)
SENTENCES = {
    "kesalahan-lain": Sentence(
        "Baris mempunyai lebih banyak kesalahan daripada yang diuraikan.",
        "The row has more faults than are told.",
        "Baris ini mempunyai {value} kesalahan lagi selain {expected} yang diuraikan.",
        "This row has {value} more faults beside the {expected} that are told.",
        "Betulkan yang disebut dahulu; biasanya sebabnya sama.",
        "Correct those that are told first; mostly the cause is the same.",
    ),
    "kunci-ganda": Sentence(
        "Kunci rekaman dipakai lebih dari satu baris dalam kiriman ini.",
        "The record's key is used by more than one row of this batch.",
        "Kunci {value} dipakai juga oleh baris {expected}.",
        "The key {value} is used by row {expected} too.",
        "Sisakan satu baris, atau betulkan kuncinya.",
        "Keep one of the rows, or correct the key.",
    ),
    "kunci-sudah-ada": Sentence(
        "Kunci rekaman sudah ada pada rilis yang berlaku.",
        "The record's key is in the release in force already.",
        "Kunci {value} sudah ada pada rilis yang berlaku.",
        "The key {value} is in the release in force already.",
        "Pakai mode upsert untuk memperbaruinya, atau hapus barisnya.",
        "Use mode upsert to renew it, or remove the row.",
    ),
    "kunci-tidak-ada": Sentence(
        "Kunci rekaman tidak ada pada rilis yang berlaku, jadi tidak ada yang dihapus.",
        "The record's key is not in the release in force, so there is nothing to delete.",
        "Kunci {value} tidak ada pada rilis yang berlaku.",
        "The key {value} is not in the release in force.",
        "Periksa kuncinya.",
        "Check the key.",
    ),
    "rujukan": Sentence(
        "Rekaman yang dirujuk tidak ada.",
        "The record referred to is not there.",
        "{value} tidak ada pada {expected}.",
        "{value} is not in {expected}.",
        "Betulkan kodenya, atau kirim dahulu rekaman yang dirujuk.",
        "Correct the code, or send the record referred to first.",
    ),
    "baris-tidak-utuh": Sentence(
        "Jumlah kolom baris tidak sama dengan baris judul.",
        "The row does not have as many columns as the header.",
        "Baris ini mempunyai {value} kolom, baris judul {expected}.",
        "This row has {value} columns, the header {expected}.",
        "Beri tanda kutip pada nilai yang memuat pemisah kolom, atau lengkapi barisnya.",
        "Put values that contain the delimiter in quotation marks, or complete the row.",
    ),
    "sel-tanpa-judul": Sentence(
        "Ada isi di luar kolom yang berjudul.",
        "There is content outside the columns that have a name.",
        "Sel {expected} berisi {value}, tetapi kolomnya tidak berjudul.",
        "Cell {expected} holds {value}, but its column has no name.",
        "Beri judul pada kolom itu, atau hapus isinya (misalnya catatan di samping tabel).",
        "Name the column, or clear the cell (a remark beside the table, say).",
    ),
    "baris-judul-berulang": Sentence(
        "Baris mengulang judul kolom.",
        "The row repeats the header.",
        "Baris ini mengulang judul kolom.",
        "This row repeats the header.",
        "Hapus baris judul di tengah data (biasanya dari cetakan per halaman).",
        "Delete header rows among the data (they come from printed pages).",
    ),
    "baris-jumlah": Sentence(
        "Baris adalah jumlah, bukan rekaman.",
        "The row is a total, no record.",
        "Baris ini berisi {value}: jumlah dari baris lain, bukan rekaman.",
        "This row holds {value}: a total of other rows, no record.",
        "Hapus baris jumlah; penerima menghitungnya sendiri.",
        "Delete rows of totals; readers add up by themselves.",
    ),
    "baris-kosong": Sentence(
        "Baris kosong.",
        "The row is empty.",
        "Semua sel baris ini kosong.",
        "All cells of this row are empty.",
        "Hapus baris kosong, biasanya di akhir berkas.",
        "Delete empty rows, mostly at the end of the file.",
    ),
    "json-rusak": Sentence(
        "Rekaman bukan JSON yang benar.",
        "The record is not correct JSON.",
        "Rekaman ini bukan JSON yang benar: {value}.",
        "This record is not correct JSON: {value}.",
        "Betulkan penulisannya; NaN, Infinity dan koma berlebih tidak sah.",
        "Correct it; NaN, Infinity and extra commas are not valid.",
    ),
    "json-nama-ganda": Sentence(
        "Satu nama ada dua kali dalam satu rekaman.",
        "One name comes twice in a record.",
        "Satu nama ada dua kali dalam rekaman {value}.",
        "One name comes twice in the record {value}.",
        "Hapus salah satunya.",
        "Remove one of them.",
    ),
    "json-terlalu-dalam": Sentence(
        "Rekaman bersarang lebih dari 64 tingkat.",
        "The record is nested deeper than 64 levels.",
        "Rekaman ini bersarang lebih dari 64 tingkat.",
        "This record is nested deeper than 64 levels.",
        "Kirim rekaman yang datar.",
        "Send a flat record.",
    ),
    "rekaman-terlalu-besar": Sentence(
        "Rekaman lebih besar daripada yang dapat dibaca sekaligus.",
        "The record is larger than what is read at once.",
        "Rekaman ini lebih besar daripada yang dapat dibaca sekaligus.",
        "This record is larger than what is read at once.",
        "Bagi isinya; biasanya ada akhir baris yang hilang.",
        "Split its content; usually an end of line is missing.",
    ),
}
