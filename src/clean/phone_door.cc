#include "clean/phone_door.h"

#include <cstdint>
#include <cstring>
#include <exception>
#include <string>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <phonenumbers/phonenumberutil.h>
#pragma GCC diagnostic pop

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

static hp_phone_verdict verdict_of(PhoneNumberUtil::ErrorType error) {
    switch (error) {
    case PhoneNumberUtil::NO_PARSING_ERROR: return HP_PHONE_VALID;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR: return HP_PHONE_BAD_COUNTRY;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN: return HP_PHONE_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG_NSN: return HP_PHONE_TOO_LONG;
    default: return HP_PHONE_NOT_A_NUMBER;
    }
}

/* Numbers of subscribers, as against services with numbers of their own lengths. */
static bool is_subscriber(PhoneNumberUtil::PhoneNumberType type) {
    return type == PhoneNumberUtil::FIXED_LINE || type == PhoneNumberUtil::MOBILE
           || type == PhoneNumberUtil::FIXED_LINE_OR_MOBILE || type == PhoneNumberUtil::VOIP
           || type == PhoneNumberUtil::PERSONAL_NUMBER || type == PhoneNumberUtil::PAGER;
}

/* South African numbers have nine digits; the library's patterns admit fewer for mobiles. */
static bool is_short_in_za(const PhoneNumber &number) {
    return number.country_code() == 27 && number.national_number() < 100000000;
}

static hp_phone_verdict why_invalid(const PhoneNumberUtil &util, const PhoneNumber &number) {
    if (is_short_in_za(number)) return HP_PHONE_TOO_SHORT;
    switch (util.IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::TOO_SHORT: return HP_PHONE_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG: return HP_PHONE_TOO_LONG;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE: return HP_PHONE_BAD_COUNTRY;
    default: return HP_PHONE_INVALID;
    }
}

/* Takes a South African number in E.164 as it is: what parsing it makes, at half the price, which counts
 * where numbers come from a register by the hundred thousand. Only the national prefix could be stripped from
 * it, and that is a zero. */
static bool take_e164(const std::string &text, PhoneNumber *number) {
    if (text.size() != 12 || text.compare(0, 3, "+27") != 0 || text[3] == '0') return false;
    std::uint64_t national = 0;
    for (size_t i = 3; i < text.size(); i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        national = national * 10 + static_cast<std::uint64_t>(text[i] - '0');
    }
    number->set_country_code(27);
    number->set_national_number(national);
    return true;
}

static hp_phone_verdict parse(const std::string &text, const std::string &region, char e164[24]) {
    const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    bool taken = take_e164(text, &number);
    hp_phone_verdict verdict = taken ? HP_PHONE_VALID : verdict_of(util.Parse(text, region, &number));
    if (verdict != HP_PHONE_VALID) return verdict;
    PhoneNumberUtil::PhoneNumberType type = util.GetNumberType(number);
    if (type == PhoneNumberUtil::UNKNOWN) return why_invalid(util, number);
    if (is_short_in_za(number) && is_subscriber(type)) return HP_PHONE_TOO_SHORT;
    std::string out = text;
    if (!taken) util.Format(number, PhoneNumberUtil::E164, &out);
    if (out.size() >= 24) return HP_PHONE_TOO_LONG;
    std::memcpy(e164, out.c_str(), out.size() + 1);
    return HP_PHONE_VALID;
}

extern "C" __attribute__((visibility("default"))) hp_phone_verdict hp_phone_parse_module(const char *text,
                                                                                         size_t n,
                                                                                         const char *region,
                                                                                         char e164[24]) {
    try {
        return parse(std::string(text, n), region, e164);
    } catch (const std::exception &) {
        return HP_PHONE_INVALID; /* out of memory: the number is reported, not lost in silence */
    }
}

extern "C" __attribute__((visibility("default"))) int hp_phone_calling_code_module(const char *region) {
    try {
        return PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(region);
    } catch (const std::exception &) {
        return 0;
    }
}
