// What the compiler is given: no more than some loops, structures, strings and calls, and libc's commonest headers.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next;
    unsigned hash;
    int count;
    char word[24];
};

static struct entry *table[256];

static unsigned hash_of(const char *word) {
    unsigned hash = 2166136261u;
    for (; *word; word++)
        hash = (hash ^ (unsigned char)*word) * 16777619u;
    return hash;
}

static struct entry *find(const char *word) {
    unsigned hash = hash_of(word);
    struct entry **at = &table[hash % 256];
    for (; *at; at = &(*at)->next)
        if ((*at)->hash == hash && !strcmp((*at)->word, word))
            return *at;
    struct entry *made = calloc(1, sizeof *made);
    if (!made)
        exit(1);
    made->hash = hash;
    snprintf(made->word, sizeof made->word, "%s", word);
    return *at = made;
}

static int compare(const void *a, const void *b) {
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    return x->count != y->count ? y->count - x->count : strcmp(x->word, y->word);
}

static void multiply(double (*a)[16], double (*b)[16], double (*c)[16]) {
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++) {
            double sum = 0;
            for (int k = 0; k < 16; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
}

static long evaluate(const char **at) {
    long value = 0;
    while (isspace((unsigned char)**at))
        ++*at;
    if (**at == '(') {
        ++*at;
        value = evaluate(at);
        while (**at && **at != ')') {
            char operation = *(*at)++;
            long other = evaluate(at);
            switch (operation) {
            case '+': value += other; break;
            case '-': value -= other; break;
            case '*': value *= other; break;
            case '/': value = other ? value / other : 0; break;
            }
        }
        if (**at)
            ++*at;
    } else
        value = strtol(*at, (char **)at, 10);
    return value;
}

int main(void) {
    struct entry *sorted[4096];
    double a[16][16], b[16][16], c[16][16];
    char word[24];
    int count = 0;
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(word, sizeof word, "w%u", i * 2654435761u % 1000);
        find(word)->count++;
    }
    for (int i = 0; i < 256; i++)
        for (struct entry *e = table[i]; e && count < 4096; e = e->next)
            sorted[count++] = e;
    qsort(sorted, count, sizeof *sorted, compare);
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++) {
            a[i][j] = i + j;
            b[i][j] = i - j;
        }
    multiply(a, b, c);
    const char *text = "((3*4)+(5*(6+7)))";
    printf("%d %s %d %.0f %ld\n", count, sorted[0]->word, sorted[0]->count, c[3][5], evaluate(&text));
    return 0;
}
