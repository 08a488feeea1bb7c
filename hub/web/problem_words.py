"""What each problem type means and what to do about it; Indonesian, translated where shown."""

from hub.web.translation import N_

MEANINGS = {
    "not-authenticated": N_(
        "Tidak ada token atau sesi, atau sudah tidak berlaku. Masuk lagi, atau minta token baru di /oauth/token."
    ),
    "not-permitted": N_(
        "Anda dikenal, tetapi jabatan, cakupan token, atau hak akses Anda tidak mengizinkan ini. Ajukan permintaan akses, atau mintalah kepada pemegang jabatan yang berwenang."
    ),
    "not-found": N_(
        "Tidak ada benda dengan nama itu, atau bukan urusan Anda; keduanya dijawab sama. Periksa ejaan alamatnya."
    ),
    "release-disposed": N_(
        "Rilis lama itu sudah dimusnahkan karena masa simpannya habis, dengan berita acara. Baca rilis terbaru."
    ),
    "conflict": N_(
        "Keadaan benda itu tidak mengizinkan tindakan ini, misalnya permintaan yang sudah diputus. Baca keadaannya dahulu."
    ),
    "changed-meanwhile": N_(
        "Orang lain mengubahnya sejak Anda membukanya. Buka lagi, lalu ulangi perubahan Anda."
    ),
    "condition-missing": N_(
        "Perubahan harus menyebut versi yang dilihat: kirim If-Match berisi ETag dari jawaban terakhir."
    ),
    "idempotency-mismatch": N_(
        "Idempotency-Key yang sama datang dengan isi lain. Pakai kunci baru untuk kiriman baru; ulangi kunci lama hanya dengan isi yang sama."
    ),
    "invalid-input": N_(
        "Isinya dimengerti, tetapi tidak dapat diterima. Kalimat pada detail menyebut apa yang kurang."
    ),
    "batch-refused": N_(
        "Gerbang skema menolak kiriman; tidak ada yang terbit. Laporan menyebut baris, kolom, isi, dan apa yang diharapkan; perbaiki lalu kirim ulang."
    ),
    "too-large": N_("Isinya melewati batas. Kirim beberapa bagian."),
    "too-many-requests": N_(
        "Terlalu banyak permintaan dalam waktu singkat. Tunggu selama Retry-After, dalam detik."
    ),
    "unavailable": N_(
        "Hub belum dapat melayani sekarang; tidak ada yang berubah. Coba lagi sebentar."
    ),
    "evidence-unavailable": N_(
        "Buku jejak tidak dapat ditulis, jadi tidak ada data yang keluar: tanpa bukti tidak ada pertukaran. Beri tahu pengelola hub."
    ),
    "storage-full": N_(
        "Penyimpanan hub penuh; tidak ada yang berubah. Beri tahu pengelola hub, lalu kirim ulang."
    ),
    "unknown-schema": N_(
        "Skema dengan nama dan versi itu belum terbit. Lihat daftarnya pada halaman Skema."
    ),
    "schema-exists": N_("Versi itu sudah terbit dan tidak pernah berubah. Naikkan nomor versinya."),
    "invalid-schema": N_(
        "Dokumennya bukan skema yang dapat dipakai hub; faults menyebut tempat dan sebabnya satu per satu."
    ),
    "incompatible-schema": N_(
        "Data yang sah menurut versi lama dapat ditolak versi baru; reasons menyebut perubahan mana. Longgarkan perubahannya, atau terbitkan nama baru."
    ),
    "schema-ended": N_(
        "Versi utama skema dataset ini sudah melewati tanggal pemberitahuannya. Pindahkan dataset ke versi penggantinya, lalu kirim ulang."
    ),
    "promise-broken": N_(
        "Perubahan ini mengurangi yang dijanjikan kepada pembaca yang masih berhak. Umumkan dengan tanggal, atau sebutkan alasan mendesak."
    ),
    "collected-elsewhere": N_(
        "Kolom ini sudah dipegang instansi lain; fields menyebut pemegangnya. Minta akses kepada mereka, atau catat alasan dan dasar hukumnya."
    ),
    "review-awaited": N_(
        "Kolom baru ditelaah sebelum dikumpulkan; page menunjukkan telaahnya dan sampai kapan. Data kolom lama tetap mengalir."
    ),
    "invalid-steps": N_(
        "Langkah penerimaan dataset tidak cocok dengan skemanya; faults menyebut langkah mana."
    ),
    "unreadable-file": N_(
        "Berkas rusak, terpotong, atau bukan format yang disebut; where menyebut tempatnya. Buka di aplikasi asalnya, simpan ulang, kirim lagi."
    ),
    "source-options": N_(
        "Isian sumber tidak lengkap atau menunjuk tempat yang tidak diizinkan. Perbaiki isian yang disebut."
    ),
    "source-failed": N_(
        "Sumber tidak menjawab sebagaimana mestinya; layer menyebut lapisan yang gagal. Jalankan uji koneksi."
    ),
    "base-moved": N_(
        "Rilis lain terbit lebih dahulu. Kirim ulang; hub menyusunnya di atas rilis yang baru."
    ),
    "keys-exist": N_(
        "Cara append hanya untuk baris baru, padahal sebagian kunci sudah ada. Pakai cara upsert untuk memperbarui."
    ),
    "keys-repeat": N_(
        "Kunci yang sama muncul lebih dari sekali dalam satu kiriman. Sisakan satu baris untuk tiap kunci."
    ),
    "key-missing": N_("Ada baris tanpa kunci. Isi kolom kunci pada setiap baris."),
    "filter-invalid": N_(
        "Saringan tidak dapat dibaca, atau menyebut kolom dan pembanding yang tidak ada."
    ),
    "cursor-invalid": N_(
        "Kursor milik pertanyaan lain, atau rilisnya sudah berganti. Mulai dari halaman pertama."
    ),
    "column-not-readable": N_(
        "Kolom itu tidak ada atau tidak terbuka bagi Anda; keduanya dijawab sama."
    ),
    "query-refused": N_(
        "Kueri memuat hal selain membaca, atau tabel yang bukan hak Anda. Hanya satu SELECT atas dataset yang terbuka bagi Anda."
    ),
    "query-costly": N_(
        "Rencana kueri ini mengolah lebih banyak baris daripada yang dijalankan tanpa bertanya. Persempit, atau kirim lagi dengan confirm."
    ),
    "query-failed": N_("Kueri tidak dapat dijawab; detail menyebut sebabnya."),
    "query-too-slow": N_(
        "Kueri dihentikan karena melewati batas waktu. Persempit barisnya, atau hitung lebih sedikit."
    ),
    "query-cancelled": N_("Kueri dibatalkan sebelum selesai."),
    "engine-busy": N_("Semua mesin kueri sedang dipakai. Coba lagi sebentar."),
    "export-too-large": N_(
        "Format itu tidak memuat sebanyak ini. Pakai CSV atau Parquet, atau saring barisnya."
    ),
    "table-too-fine": N_(
        "Rincian ini punya terlalu banyak sel kecil. Rinci menurut lebih sedikit kolom, atau lebih kasar: per tahun, per kecamatan."
    ),
    "malformed": N_(
        "Protokol ini (AuthZEN) meminta bentuk lain; at menyebut bagian mana yang salah."
    ),
    "invalid-request": N_(
        "Bentuk permintaan tidak sesuai; faults menyebut bagian mana dan mengapa."
    ),
    "method-not-allowed": N_("Alamatnya ada, tetapi tidak untuk metode ini. Lihat halaman API."),
    "unexpected": N_(
        "Hub gagal karena kesalahannya sendiri. Coba lagi; bila berulang, beri tahu pengelola hub bersama waktunya."
    ),
}
