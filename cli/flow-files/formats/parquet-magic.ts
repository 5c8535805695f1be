/** The first bytes of a Parquet file (Apache Parquet, "File format"). */
export const parquetMagic = Buffer.from('PAR1');
