# expand.awk - puts templates into SQL parts. Lines
#     --: FILE ...
#     --:   NAME = text
# are replaced by those files of the folder given by -v templates=FOLDER, each @NAME@ in them by its text. All other lines
# pass unchanged. A missing file or a name left without its text ends the build.
function fail(message) {
    print FILENAME ":" FNR ": " message >"/dev/stderr"
    failed = 1
    exit 1
}
function expand(    files, count, i) {
    count = split(template, files)
    for (i = 1; i <= count; i++)
        put(templates "/" files[i])
    template = ""
}
function put(file,    line, name, at, found) {
    while ((found = (getline line < file)) > 0) {
        for (name in text) {
            while ((at = index(line, "@" name "@")) > 0)
                line = substr(line, 1, at - 1) text[name] substr(line, at + length(name) + 2)
        }
        if (line ~ /@[A-Z]+@/)
            fail("no text is given for a name of " file ": " line)
        print line
    }
    if (found < 0)
        fail("cannot read " file)
    close(file)
}
template != "" && !/^--: +[A-Z]+ = / { expand() }
/^--: +[A-Z]+ = / {
    match($0, /[A-Z]+ = /)
    text[substr($0, RSTART, RLENGTH - 3)] = substr($0, RSTART + RLENGTH)
    next
}
/^--: / {
    template = substr($0, 5)
    split("", text)
    next
}
{ print }
END {
    if (!failed && template != "")
        expand()
}
