# Adds up the accepted bytes and the rejects of each pair in lines of the default format.
$13 == "ACCEPT" { bytes[$4 " " $5] += $10; seen[$4 " " $5] }
$13 == "REJECT" { rejects[$4 " " $5]++; seen[$4 " " $5] }
END { for (pair in seen) printf "%s %.0f %d\n", pair, bytes[pair], rejects[pair] }
