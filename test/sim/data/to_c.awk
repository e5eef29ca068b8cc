# to_c.awk - turns a table of test/sim/data into initialisers of C: awk -v table=NAME, sorted rows on standard input.
# name_tokens: one token a row with running sums of weights; name_lists: where each list begins and what it sums to.
function spellings(text,    part, n, i, pair, words, sums, sum) {
    n = split(text, part, "|")
    if (n < 2 || n > 8) { # a name is respelled by choosing another of them
        print "name_tokens.csv: " text ": 2 to 8 spellings are wanted" >"/dev/stderr"
        failed = 1
        exit 1
    }
    for (i = 1; i <= n; i++) {
        split(part[i], pair, "=")
        sum += pair[2]
        words = words (i > 1 ? "," : "") "\"" pair[1] "\""
        sums = sums (i > 1 ? "," : "") sum
    }
    return "{" n ",{" sums "},{" words "}}"
}
BEGIN { FS = "," }
/^#/ || NF == 0 { next }
table == "districts" { printf "{\"%s\",\"%s\",\"%s\"},\n", $1, $2, $3 }
table == "upazilas" { printf "{\"%s\",%d,%d,\"%s\",\"%s\"},\n", $1, $1, $2, $3, $4 }
table == "unions" { printf "{%d,%d},\n", $1, $2 }
table == "name_tokens" {
    if ($1 != list) { list = $1; upto = 0 }
    upto += $2
    printf "{%d,{%s,%s}},\n", upto, spellings($3), spellings($4)
}
table == "name_lists" {
    if ($1 != list) {
        if (list != "") printf "X(%s,%d,%d,%d)\n", list, first, count - first, upto
        list = $1; upto = 0; first = count + 0
    }
    upto += $2; count++
}
END { if (!failed && table == "name_lists") printf "X(%s,%d,%d,%d)\n", list, first, count - first, upto }
