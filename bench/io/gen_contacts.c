/* Makes a contact workbook as csv: 23 columns as a South African sales team keeps them, about one row in ten
 * a fuzzy repeat of an earlier one. Everybody in it is invented. The same rows and seed give the same bytes.
 *
 *     gen_contacts ROWS OUT.csv [SEED] */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define TEXT     160   /* the longest field, with room */
#define KNOWN    30000 /* organisations that may come again */

static uint64_t state;

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(void) {
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
static unsigned below(unsigned n) { return (unsigned)(((draw() >> 32) * n) >> 32); }
static bool chance(unsigned percent) { return below(100) < percent; }
#define PICK(list) ((list)[below(COUNT(list))])

static const char *const FIRST[] = {
    "Thabo",  "Lerato", "Sipho",   "Nomsa",  "Pieter", "Annelize", "Willem", "Fatima",  "Yusuf",   "Priya",
    "Zanele", "Kagiso", "Bongani", "Naledi", "Themba", "Lindiwe",  "Ayanda", "Refilwe", "Palesa",  "Hendrik",
    "Riaan",  "Susan",  "David",   "Sarah",  "James",  "Karen",    "Aisha",  "Suresh",  "Kavitha", "Mpho",
    "Dineo",  "Xolani", "Zinhle",  "Craig",  "Tracy",  "Megan",    "Ryan",   "Ashwin",  "René",    "Zoë"};
static const char *const LAST[] = {
    "Nkosi",   "Dlamini",  "Khumalo",   "Mokoena", "Botha",   "van der Merwe", "Pretorius",  "Naidoo",
    "Pillay",  "Govender", "Mthembu",   "Ndlovu",  "Sithole", "Molefe",        "Mabaso",     "Radebe",
    "Jacobs",  "Adams",    "Petersen",  "Fourie",  "Venter",  "Coetzee",       "du Plessis", "Steyn",
    "Swart",   "van Wyk",  "Potgieter", "Joubert", "Louw",    "Marais",        "Snyman",     "Cloete",
    "Lombard", "Patel",    "Reddy",     "Moodley", "Cele",    "Hadebe",        "O'Reilly",   "Brüggemann"};
static const char *const ONSET[] = {"Bal", "Bre", "Cal", "Dor", "Dun", "Fal", "Gar", "Hel", "Ind", "Jor",
                                    "Kal", "Kel", "Lan", "Lum", "Mal", "Mer", "Nal", "Oma", "Pen", "Quin",
                                    "Ras", "Sel", "Tam", "Tor", "Uma", "Val", "Wen", "Yar", "Zan", "Zor"};
static const char *const MIDDLE[] = {"a",   "e",   "i",   "o",   "ado", "ani", "ebo", "emi", "ilo",
                                     "imo", "oka", "ora", "uma", "une", "are", "ivo", "eki", "olu"};
static const char *const CODA[] = {"ra",   "mora", "dale",  "wick",  "stone", "nga", "lwa",
                                   "berg", "veld", "kop",   "ton",   "na",    "sha", "zeni",
                                   "thi",  "bri",  "field", "crest", "haven", "mere"};
static const char *const TRADE[] = {
    "Primary School",    "Flying Academy",    "Aviation",     "Consulting", "Engineering",
    "Construction",      "Logistics",         "Transport",    "Trading",    "Properties",
    "Attorneys",         "Medical Centre",    "Pharmacy",     "Motors",     "Electrical",
    "Security Services", "Guest House",       "Lodge",        "Bakery",     "Farms",
    "Hardware",          "Printing",          "IT Solutions", "Solar",      "Mining Supplies",
    "Training Centre",   "Insurance Brokers", "Tours"};
static const char *const FORM[] = {" (Pty) Ltd", " (Pty) Ltd", " (Pty) Ltd", " Pty Ltd", " CC",
                                   " NPC",       "",           "",           "",         " Group"};
static const char *const CATEGORY[] = {"Education",
                                       "Aviation",
                                       "Professional Services",
                                       "Construction",
                                       "Logistics",
                                       "Health",
                                       "Automotive",
                                       "Hospitality",
                                       "Agriculture",
                                       "Retail",
                                       "Manufacturing",
                                       "Energy",
                                       "Mining",
                                       "Non-profit",
                                       "Travel & Tourism",
                                       "Financial Services"};
static const char *const STATUS[] = {"Active",   "Active",   "Active",        "Active",
                                     "Inactive", "Prospect", "Do not contact"};
static const char *const TITLE[] = {"Mr", "Mrs", "Ms", "Dr", "Prof", ""};
static const char *const ROLE[] = {"Managing Director", "Principal",          "Chief Flying Instructor",
                                   "Office Manager",    "Reception",          "Owner",
                                   "Financial Manager", "Operations Manager", "Sales Representative",
                                   "Head of Training",  "Director",           "Secretary"};
static const char *const STREET[] = {"Acacia",  "Kiepersol", "Protea", "Hangar", "Windsock", "Taxiway",
                                     "Marula",  "Runway",    "Karee",  "Olive",  "Church",   "Market",
                                     "Station", "School",    "Long",   "Kloof"};
static const char *const WAY[] = {"Street", "St", "Road", "Rd", "Avenue", "Drive", "Lane", "Crescent"};
static const char *const MAIL[] = {"gmail.com",   "gmail.com",     "yahoo.com",
                                   "outlook.com", "webmail.co.za", "mweb.co.za"};
static const char *const BOX[] = {"info", "admin", "sales", "office", "accounts", "enquiries"};
static const char *const END[] = {"co.za", "co.za", "co.za", "com", "org.za", "africa"};
static const char *const SOURCE[] = {"CRM export", "Member list", "Website form",
                                     "Trade show", "Call list",   "Old workbook"};
static const char *const REMARK[] = {
    "Left a message, calls back next week.",          "Prefers e-mail to the phone.",
    "Asked for the new price list & brochure.",       "Number no longer in use; find another.",
    "Met at the air show, wants the annual package.", "On hold until the invoice is paid.",
    "Says <no marketing>, which we respect.",         "Address checked by the courier.",
    "Contract ends soon, see the \"green\" folder."};
static const char *const CELL[] = {"060", "061", "063", "065", "071", "072", "073",
                                   "074", "076", "079", "082", "083", "084"};
static const char *const NOTHING[] = {"n/a", "-", "unknown", "tba"};

typedef struct province {
    const char *name, *brief, *town[5], *code[2];
    unsigned share; /* percent */
} province;
static const province PROVINCE[] = {
    {"Gauteng", "GP", {"Johannesburg", "Pretoria", "Midrand", "Centurion", "Germiston"}, {"011", "012"}, 30},
    {"Western Cape",
     "W. Cape",
     {"Cape Town", "George", "Stellenbosch", "Worcester", "Paarl"},
     {"021", "044"},
     20},
    {"KwaZulu-Natal",
     "KZN",
     {"Durban", "Pietermaritzburg", "Margate", "Ballito", "Newcastle"},
     {"031", "033"},
     15},
    {"Eastern Cape", "EC", {"Gqeberha", "East London", "Mthatha", "Komani", "Kariega"}, {"041", "043"}, 10},
    {"Mpumalanga", "MP", {"Mbombela", "Secunda", "Ermelo", "Middelburg", "Barberton"}, {"013", "017"}, 7},
    {"North West",
     "North-West",
     {"Rustenburg", "Klerksdorp", "Brits", "Mahikeng", "Taung"},
     {"014", "018"},
     6},
    {"Free State",
     "Freestate",
     {"Bloemfontein", "Welkom", "Bethlehem", "Kroonstad", "Parys"},
     {"051", "057"},
     5},
    {"Limpopo", "LP", {"Polokwane", "Tzaneen", "Mokopane", "Lephalale", "Giyani"}, {"015", "014"}, 5},
    {"Northern Cape",
     "N. Cape",
     {"Kimberley", "Upington", "Springbok", "Kuruman", "De Aar"},
     {"053", "054"},
     2}};

/* An organisation and its contact, as they are before somebody types them. */
typedef struct entity {
    char core[64], domain[48], street[48], phone[12], mobile[12], fax[12], postal[6];
    const char *form, *first, *last, *title, *role, *category, *status, *town, *also;
    const province *where;
    unsigned employees, mails;
} entity;

static const char *const HEADER =
    "record_id,organisation_name,trading_as,category,status,province,city,street_address,postal_code,contact_title,"
    "contact_name,contact_role,emails,phone_primary,phone_mobile,fax,website,date_created,last_contacted,employees,"
    "annual_spend,source,notes\n";

static const province *any_province(void) {
    unsigned at = below(100), i = 0;
    while (i + 1 < COUNT(PROVINCE) && at >= PROVINCE[i].share) at -= PROVINCE[i++].share;
    return &PROVINCE[i];
}

/* Keeps the letters and digits of a text, small. */
static void slug(const char *from, char *to, size_t cap) {
    size_t n = 0;
    for (; *from && n + 1 < cap; from++)
        if ((unsigned char)*from < 128 && isalnum((unsigned char)*from))
            to[n++] = (char)tolower((unsigned char)*from);
    to[n] = 0;
}

static void number(char out[12], const char *code) { snprintf(out, 12, "%s%07u", code, below(10000000)); }

static void invent(entity *e) {
    char word[32], flat[40];
    *e = (entity){.form = PICK(FORM),
                  .first = PICK(FIRST),
                  .last = PICK(LAST),
                  .title = PICK(TITLE),
                  .role = PICK(ROLE),
                  .category = PICK(CATEGORY),
                  .status = PICK(STATUS),
                  .where = any_province(),
                  .also = ""};
    e->town = PICK(e->where->town);
    snprintf(word, sizeof word, "%s%s%s", PICK(ONSET), PICK(MIDDLE), PICK(CODA));
    if (chance(15)) e->also = PICK(ONSET);
    switch (below(4)) {
    case 0: snprintf(e->core, sizeof e->core, "%s & %s %s", PICK(LAST), PICK(LAST), PICK(TRADE)); break;
    case 1: snprintf(e->core, sizeof e->core, "%s %s %s", e->town, word, PICK(TRADE)); break;
    default: snprintf(e->core, sizeof e->core, "%s %s", word, PICK(TRADE));
    }
    slug(e->core, flat, 24);
    snprintf(e->domain, sizeof e->domain, "%s%u.%s", flat, below(100), PICK(END));
    snprintf(e->street, sizeof e->street, "%u %s %s", 1 + below(998), PICK(STREET), PICK(WAY));
    snprintf(e->postal, sizeof e->postal, "%04u", below(10000));
    number(e->phone, PICK(e->where->code));
    number(e->mobile, PICK(CELL));
    if (chance(35)) number(e->fax, PICK(e->where->code));
    e->employees = chance(80) ? 1 + below(2500) : 0;
    e->mails = 1 + (chance(38) ? 1 + below(2) : 0);
}

/* Mistypes one character: left out, doubled or exchanged for another; never within a character of UTF-8. */
static void mistype(char *s) {
    size_t n = strlen(s), at = n < 4 ? 0 : 1 + below((unsigned)n - 2);
    if (n < 4 || (unsigned char)s[at] >= 128 || (unsigned char)s[at + 1] >= 128) return;
    switch (below(3)) {
    case 0: memmove(s + at, s + at + 1, n - at); break;
    case 1:
        if (n + 2 < TEXT) memmove(s + at + 1, s + at, n - at + 1);
        break;
    default: s[at] = (char)('a' + below(26));
    }
}

static void upper(char *s) {
    for (; *s; s++)
        if ((unsigned char)*s < 128) *s = (char)toupper((unsigned char)*s);
}

/* Writes a national number in one of the ways in which people write it. */
static void phone(char out[TEXT], const char *p) {
    unsigned way = *p ? below(100) : 100;
    if (way < 22)
        snprintf(out, TEXT, "%.3s %.3s %s", p, p + 3, p + 6);
    else if (way < 38)
        snprintf(out, TEXT, "+27 %.2s %.3s %s", p + 1, p + 3, p + 6);
    else if (way < 50)
        snprintf(out, TEXT, "+27%s", p + 1);
    else if (way < 60)
        snprintf(out, TEXT, "%s", p);
    else if (way < 70)
        snprintf(out, TEXT, "(%.3s) %.3s-%s", p, p + 3, p + 6);
    else if (way < 78)
        snprintf(out, TEXT, "%.3s-%.3s-%s", p, p + 3, p + 6);
    else if (way < 84)
        snprintf(out, TEXT, "0027%s", p + 1);
    else if (way < 90)
        snprintf(out, TEXT, "%s", p + 1); /* a spreadsheet ate the zero */
    else if (way < 94)
        snprintf(out, TEXT, "%.3s %.3s %s ext %u", p, p + 3, p + 6, 10 + below(980));
    else if (way < 97)
        snprintf(out, TEXT, "%s / %s%07u", p, PICK(CELL), below(10000000));
    else if (way < 99)
        snprintf(out, TEXT, "%.3s %.3s", p, p + 3); /* cut off */
    else if (way < 100)
        snprintf(out, TEXT, "%s", PICK(NOTHING));
    else
        *out = 0;
}

static void mails(const entity *e, char out[TEXT]) {
    char a[24], b[24];
    size_t n = 0;
    slug(e->first, a, sizeof a);
    slug(e->last, b, sizeof b);
    *out = 0;
    for (unsigned i = 0; i < e->mails; i++) {
        const char *between = !i ? "" : chance(60) ? "; " : ";";
        if (i == 0 && chance(60))
            n += (size_t)snprintf(out + n, TEXT - n, "%s%s.%s@%s", between, a, b, e->domain);
        else if (chance(60))
            n += (size_t)snprintf(out + n, TEXT - n, "%s%s@%s", between, BOX[(i + below(3)) % 6], e->domain);
        else
            n += (size_t)snprintf(out + n, TEXT - n, "%s%s%u@%s", between, b, below(1000), PICK(MAIL));
        if (n >= TEXT) break;
    }
}

/* Puts a field, quoted where RFC 4180 asks for it. */
static void field(FILE *f, const char *s, char end) {
    if (!s[strcspn(s, ",\"\n")]) {
        fputs(s, f);
    } else {
        putc('"', f);
        for (; *s; s++) {
            if (*s == '"') putc('"', f);
            putc(*s, f);
        }
        putc('"', f);
    }
    putc(end, f);
}

/* Writes a day `after` days behind the first of 2009, in years of twelve months of 28 days: all of them
 * exist. */
static void day(char out[TEXT], unsigned after) {
    snprintf(out, TEXT, "%u-%02u-%02u", 2009 + after / 336, 1 + after % 336 / 28, 1 + after % 28);
}

static void note(char out[TEXT]) {
    char when[TEXT];
    unsigned way = below(100);
    *out = 0;
    day(when, below(5600));
    if (way < 25)
        snprintf(out, TEXT, "%s", PICK(REMARK));
    else if (way < 45)
        snprintf(out, TEXT, "%s Ref %06u, spoke to %s on %.10s.", PICK(REMARK), below(1000000), PICK(FIRST),
                 when);
}

static void website(const entity *e, char out[TEXT]) {
    *out = 0;
    switch (below(5)) {
    case 0: snprintf(out, TEXT, "https://www.%s/", e->domain); break;
    case 1:
    case 2: snprintf(out, TEXT, "www.%s", e->domain); break;
    case 3: snprintf(out, TEXT, "http://%s", e->domain); break;
    default: break;
    }
}

static void who(const entity *e, bool again, char out[TEXT]) {
    char last[TEXT];
    snprintf(last, sizeof last, "%s", e->last);
    if (again && chance(30)) mistype(last);
    unsigned way = below(100);
    if (way < 6)
        snprintf(out, TEXT, "%.60s, %s", last, e->first);
    else if (again && way < 26)
        snprintf(out, TEXT, "%c. %.60s", e->first[0], last);
    else
        snprintf(out, TEXT, "%s %.60s", e->first, last);
    if (way > 95) upper(out);
}

static void organisation(const entity *e, bool again, char out[TEXT]) {
    snprintf(out, TEXT, "%s%s", e->core, again && chance(30) ? PICK(FORM) : e->form);
    if (again && chance(45)) mistype(out);
    if (again && chance(15)) upper(out);
}

static void phones(FILE *f, const entity *e, bool again) {
    char text[TEXT];
    phone(text, again && chance(15) ? "" : e->phone);
    field(f, text, ',');
    phone(text, chance(again ? 50 : 70) ? e->mobile : "");
    field(f, text, ',');
    phone(text, e->fax);
    field(f, text, ',');
}

static void history(FILE *f, const entity *e) {
    char text[TEXT];
    unsigned since = below(5000);
    day(text, since);
    field(f, text, ',');
    day(text, since + below(600));
    field(f, chance(80) ? text : "", ',');
    snprintf(text, TEXT, "%u", e->employees);
    field(f, e->employees ? text : "", ',');
    snprintf(text, TEXT, "%u.%02u", below(250000), below(100));
    field(f, chance(50) ? text : "", ',');
    field(f, PICK(SOURCE), ',');
    note(text);
    field(f, text, '\n');
}

static void row(FILE *f, unsigned id, const entity *e, bool again) {
    char text[TEXT];
    fprintf(f, "%u,", id);
    organisation(e, again, text);
    field(f, text, ',');
    field(f, e->also, ',');
    field(f, again && chance(12) ? PICK(CATEGORY) : e->category, ',');
    field(f, again && chance(30) ? PICK(STATUS) : e->status, ',');
    field(f, chance(12) ? e->where->brief : e->where->name, ',');
    field(f, e->town, ',');
    snprintf(text, TEXT, "%s", e->street);
    if (again && chance(30)) mistype(text);
    field(f, text, ',');
    field(f, again && chance(15) ? "" : e->postal, ',');
    field(f, e->title, ',');
    who(e, again, text);
    field(f, text, ',');
    field(f, e->role, ',');
    mails(e, text);
    if (chance(4)) upper(text);
    field(f, chance(again ? 80 : 94) ? text : "", ',');
    phones(f, e, again);
    website(e, text);
    field(f, text, ',');
    history(f, e);
}

static void rows(FILE *f, unsigned n, entity *known) {
    unsigned have = 0;
    fputs(HEADER, f);
    for (unsigned id = 1; id <= n; id++) {
        if (have && chance(10)) {
            row(f, id, &known[below(have)], true);
            continue;
        }
        entity *e = &known[have < KNOWN ? have++ : below(KNOWN)];
        invent(e);
        row(f, id, e, false);
    }
}

int main(int argc, char **argv) {
    unsigned long n = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (!n || n > UINT32_MAX - 1) {
        fputs("usage: gen_contacts ROWS OUT.csv [SEED]\n", stderr);
        return 2;
    }
    state = argc > 3 ? strtoull(argv[3], NULL, 10) : 42;
    FILE *f = fopen(argv[2], "we");
    entity *known = calloc(KNOWN, sizeof *known);
    if (!f || !known) {
        perror(argv[2]);
        free(known);
        if (f) fclose(f);
        return 1;
    }
    rows(f, (unsigned)n, known);
    free(known);
    if (fclose(f)) {
        perror(argv[2]);
        return 1;
    }
    return 0;
}
