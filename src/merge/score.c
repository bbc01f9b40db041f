#include <math.h>

#include "merge/merger.h"

#include "base/banned.h"

double hp_logistic(double x) {
    if (!(x > 0)) return 0;
    if (x >= 1) return 1;
    return 1 / (1 + exp(-12 * (x - 0.5)));
}

double hp_deliverability(bool email, bool phone) {
    if (!email && !phone) return 0;
    double sum = (email ? HP_EMAIL_CONFIDENCE : 0) + (phone ? HP_PHONE_CONFIDENCE : 0);
    return hp_logistic(sum / (email + phone));
}

double hp_lead_score(const hp_merger *m, const hp_person *p) {
    bool name = p->name.v != HP_NULL, role = p->role.v != HP_NULL, email = p->email.n > 0,
         phone = p->phone.n > 0;
    double sum = 0.30 * (name + role + email + phone) / 4, weights = 0.30 + 0.25 + 0.15 + 0.10;
    sum += 0.25 * (email ? HP_EMAIL_CONFIDENCE : 0) + 0.15 * (phone ? HP_PHONE_CONFIDENCE : 0);
    /* 0.10 is the weight of intent signals, which nothing collects yet. Where no source has a priority, it
     * says nothing. */
    if (m->max_priority > 0) {
        double share = (double)hp_priority_of(m, p->name.record) / m->max_priority;
        sum += 0.20 * (share < 0 ? 0 : share > 1 ? 1 : share);
        weights += 0.20;
    }
    return hp_logistic(sum / weights);
}

double hp_role_weight(hp_str role) {
    static const struct {
        const char *word;
        double weight;
    } ROLE[] = {{"ceo", 1.0},   {"director", 0.9},    {"manager", 0.8}, {"owner", 1.0},    {"chief", 0.95},
                {"head", 0.85}, {"coordinator", 0.7}, {"admin", 0.6},   {"assistant", 0.5}};
    for (size_t i = 0; i < sizeof ROLE / sizeof *ROLE; i++)
        if (hp_str_ifind(role, hp_str_of(ROLE[i].word), 0) != SIZE_MAX) return ROLE[i].weight;
    return 0.5;
}

hp_code hp_number(hp_merger *m, double x, hp_vid *out, hp_err *err) {
    char text[32];
    size_t n = sizeof text;
    unsigned long long millionths = (unsigned long long)(x * 1e6 + 0.5), whole = millionths / 1000000;
    for (int i = 0; i < 6; i++, millionths /= 10) text[--n] = (char)('0' + millionths % 10);
    text[--n] = '.';
    do text[--n] = (char)('0' + whole % 10);
    while ((whole /= 10) > 0);
    size_t end = sizeof text;
    while (text[end - 1] == '0' && text[end - 2] != '.') end--;
    return hp_intern(m->run->pool, (hp_str){text + n, end - n}, out, err);
}
