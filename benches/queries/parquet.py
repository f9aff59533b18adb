"""Writes the rows of a workspace's table as plain Parquet for the peers: the same rows, order, files and row groups, the same encodings and
compression of each column, documents as text, without what belongs to Vedette alone.

usage: parquet.py TABLE_FOLDER OUTPUT_FOLDER ; prints the bytes of both
"""

import sys
from pathlib import Path

import pyarrow.parquet as parquet

# Leaf columns of shredded paths.
OURS = "_Leaf_"
ZSTD_LEVEL = 3
DIFFERENCES = "DELTA_BINARY_PACKED"


def main():
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    mine = theirs = 0
    for file in sorted(source.rglob("part-*.parquet")):
        reader = parquet.ParquetFile(file)
        columns = [name for name in reader.schema_arrow.names if not name.startswith(OURS)]
        out = target / f"{file.parent.name.replace('=', '-')}-{file.name}"
        writer = None
        for group in range(reader.num_row_groups):
            rows = reader.read_row_group(group, columns=columns).replace_schema_metadata(None)
            writer = writer or parquet.ParquetWriter(out, rows.schema, **form(reader.metadata.row_group(group), columns))
            writer.write_table(rows, row_group_size=rows.num_rows)
        writer.close()
        theirs += out.stat().st_size
    mine = sum(file.stat().st_size for file in source.rglob("*") if file.is_file() and "_delta_log" not in file.parts)
    print(mine, theirs)


def form(group, columns):
    """Encodings and compression of the columns as a row group of ours has them."""
    chunks = [group.column(at) for at in range(group.num_columns)]
    chunks = {chunk.path_in_schema: chunk for chunk in chunks if chunk.path_in_schema in columns}
    zstd = [name for name, chunk in chunks.items() if chunk.compression == "ZSTD"]
    differences = [name for name, chunk in chunks.items() if DIFFERENCES in chunk.encodings]
    return {
        "compression": {name: "zstd" if name in zstd else "none" for name in chunks},
        "compression_level": {name: ZSTD_LEVEL for name in zstd},
        "use_dictionary": [name for name, chunk in chunks.items() if chunk.has_dictionary_page],
        "column_encoding": {name: DIFFERENCES for name in differences},
    }


main()
