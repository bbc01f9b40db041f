/* What the report and the list of runs share: head, style, words. */
#include "write/report_page.h"

#include "write/markup.h"

#include "base/banned.h"

/* Colours are pairs that keep a contrast of 4.5 to 1 and more in both schemes. Print comes last: paper is
 * light. */
#define LIGHT                                                                                                \
    "--bg:#faf9f6;--card:#fff;--ink:#1d2023;--soft:#555b64;--line:#dddad2;--track:#e9e6df;--a:#2b66a6;"      \
    "--b:#7aa0cc;--c:#c98a2b;--notch:#1d2023;--ok:#17643a;--ok-bg:#e2f2e7;--warn:#7d4500;--warn-bg:#fcefd6;" \
    "--bad:#9c1520;--bad-bg:#fce4e3;--warn-bar:#d08a2e;--info-bar:#8fa3b8;--link:#1d5a9c;"

static const char *const STYLE[] = {
    ":root{color-scheme:light dark;" LIGHT "}",
    "@media (prefers-color-scheme:dark){:root{--bg:#15171a;--card:#1d2024;--ink:#ebe9e4;--soft:#b0b6bf;"
    "--line:#383d44;--track:#30353b;--a:#6ea5dd;--b:#476f9b;--c:#d39a45;--notch:#fff;--ok:#8adcaa;"
    "--ok-bg:#163020;--warn:#f3bd6e;--warn-bg:#35280f;--bad:#ffa29b;--bad-bg:#401b1c;--warn-bar:#d39a45;"
    "--info-bar:#6b7f95;--link:#8fbdf0;}}",
    "*{box-sizing:border-box}",
    "html{-webkit-text-size-adjust:100%;scroll-behavior:auto}",
    "body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe "
    "UI\",\"Noto Sans\",\"DejaVu Sans\",sans-serif}",
    ".wrap{max-width:70rem;margin:0 auto;padding:0 1.25rem}",
    "a{color:var(--link)}",
    ":focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}",
    ".skip{position:absolute;left:-100rem}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem "
    "1rem;z-index:1}",
    "h1{font-size:1.75rem;line-height:1.2;margin:.1rem 0 0}h2{font-size:1.2rem;line-height:1.3;margin:0 0 "
    ".25rem}",
    "h3{font-size:1rem;margin:1.25rem 0 .25rem}p{margin:.35rem 0}",
    ".soft,.note{color:var(--soft)}.note{font-size:.9rem;max-width:62rem}",
    ".over{color:var(--soft);font-size:.9rem;margin:0}",
    "header.wrap{padding-top:1.6rem}",
    ".verdict{display:flex;gap:1rem;align-items:flex-start;margin:1.1rem 0 "
    "1rem;padding:1rem;border-radius:.6rem;border:1px solid;border-left-width:.5rem}",
    ".verdict svg{flex:none;margin-top:.1rem}.verdict p{margin:0;color:var(--ink)}",
    ".verdict .word{font-size:1.45rem;line-height:1.25;font-weight:700;color:inherit;white-space:normal}",
    ".sign{fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;vertical-"
    "align:-.15em}",
    ".ok{color:var(--ok)}.warn{color:var(--warn)}.bad{color:var(--bad)}",
    ".verdict.ok{background:var(--ok-bg)}.verdict.warn{background:var(--warn-bg)}.verdict.bad{background:var("
    "--bad-bg)}",
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:0 0 "
    "1rem}",
    ".tiles div,section{background:var(--card);border:1px solid var(--line);border-radius:.6rem}",
    ".tiles div{padding:.7rem .9rem}.tiles dt{color:var(--soft);font-size:.9rem}",
    ".tiles dd{margin:0;font-size:1.6rem;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}",
    ".tiles dd.then{font-size:.85rem;font-weight:400;color:var(--soft)}",
    "nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:0 0 "
    "1.1rem;padding:0;font-size:.9rem}",
    "main{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem}",
    "section{padding:1.1rem 1.2rem;grid-column:1/-1;min-width:0}section.half{grid-column:auto}",
    "@media (max-width:52rem){section.half{grid-column:1/-1}.wrap{padding:0 .8rem}section{padding:.9rem "
    ".8rem}}",
    ".steps{margin:.4rem 0 0;padding-left:1.4rem}.steps li{margin:.45rem 0;padding-left:.2rem}",
    ".steps .where{display:block;color:var(--soft);font-size:.9rem;overflow-wrap:anywhere}",
    ".scroll{position:relative;overflow-x:auto;margin:.5rem -.3rem 0;padding:.3rem}",
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}",
    "caption{height:0;padding:0;line-height:0}",
    "th,td{text-align:left;vertical-align:top;padding:.38rem .6rem .38rem 0;border-top:1px solid var(--line)}",
    "thead th{border-top:0;color:var(--soft);font-weight:600;font-size:.85rem;vertical-align:bottom;white-space:normal!important}",
    "tbody th{font-weight:600}tr:last-child>*{padding-right:.6rem}",
    ".n{text-align:right;white-space:nowrap}",
    ".draw{width:18%;min-width:7rem;padding-top:.62rem}#fill .draw{width:38%}#by-source .draw{width:30%}.place{overflow-wrap:break-word;min-width:11rem;font-size:.93rem}",
    ".name{overflow-wrap:break-word;min-width:9rem}.sub{display:block;font-weight:400;color:var(--soft);font-"
    "size:.87rem;max-width:42rem}",
    "code{font:.9em ui-monospace,\"Cascadia Mono\",\"DejaVu Sans Mono\",monospace;overflow-wrap:anywhere}",
    ".sum{font-weight:600}.word{white-space:nowrap}",
    ".bar,.columns{display:block;overflow:hidden}.bar{border-radius:3px}.columns{max-width:34rem;margin:.5rem "
    "0 0}",
    ".track{fill:var(--track)}.a{fill:var(--a)}.b{fill:var(--b)}.c{fill:var(--c)}",
    "rect.warn{fill:var(--warn-bar)}rect.info{fill:var(--info-bar)}",
    ".edge{stroke:var(--card);stroke-width:2}.halo{stroke:var(--card);stroke-width:6}.notch{stroke:var(--notch)"
    ";stroke-width:2.5}",
    ".axis{stroke:var(--soft);stroke-width:1.5}.columns text{text-anchor:middle;font-size:12.5px;fill:var(--"
    "soft)}",
    ".columns .count{fill:var(--ink);font-weight:600}",
    ".key{display:inline-block;width:1.6rem;height:.8rem;border-radius:2px;vertical-align:-.05em;margin-right:"
    ".35rem}",
    ".key rect{height:100%}",
    "details{margin:.6rem 0 0}summary{cursor:pointer;color:var(--link);padding:.25rem 0}",
    "footer{color:var(--soft);font-size:.9rem;padding:1.2rem 0 2rem}",
    ".hide{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}",
    "@media print{:root{color-scheme:light;" LIGHT "}",
    "@page{margin:14mm}body{font-size:10.5pt;background:#fff}.wrap{max-width:none;padding:0}nav,.skip{display:"
    "none}",
    "main{display:block}section{border:0;border-top:1px solid "
    "var(--line);border-radius:0;padding:.8rem 0;margin:0}",
    "tr,.verdict,.tiles,.columns,.steps li{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:"
    "visible;margin:0;padding:.3rem 0}",
    "thead{display:table-header-group}.verdict,.tiles div{print-color-adjust:exact}.tiles{grid-template-"
    "columns:repeat(5,1fr)}",
    "summary{color:var(--soft);list-style:none}details::details-content{content-visibility:visible;height:auto}}",
};

static void put_style(hp_buf *out) {
    hp_buf_puts(out, "<style>\n");
    for (size_t i = 0; i < sizeof STYLE / sizeof *STYLE; i++) {
        hp_buf_puts(out, STYLE[i]);
        hp_buf_putc(out, '\n');
    }
    hp_buf_puts(out, "</style>\n");
}

void hp_page_begin(hp_buf *out, hp_str title, hp_str version) {
    hp_buf_puts(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"robots\" content=\"noindex\">\n"
        "<meta name=\"generator\" content=\"hotpass ");
    hp_html_text(out, version);
    hp_buf_puts(out, "\">\n<title>");
    hp_html_text(out, title);
    hp_buf_puts(out, "</title>\n");
    put_style(out);
    hp_buf_puts(out, "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
}

void hp_page_end(hp_buf *out) { hp_buf_puts(out, "</body>\n</html>\n"); }

const char *hp_report_state_name(hp_report_state s) {
    static const char *const NAME[] = {"Passed", "Passed with warnings", "Stopped"};
    return NAME[s];
}

const char *hp_report_state_class(hp_report_state s) {
    static const char *const CLASS[] = {"ok", "warn", "bad"};
    return CLASS[s];
}

hp_report_form hp_report_form_of(const char *path) {
    static const struct {
        hp_str suffix;
        hp_report_form form;
    } FORMS[] = {{{".html", 5}, HP_REPORT_HTML}, {{".htm", 4}, HP_REPORT_HTML}, {{".md", 3}, HP_REPORT_MD}};
    hp_str p = hp_str_of(path);
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        size_t n = FORMS[i].suffix.n;
        if (p.n > n && p.p[p.n - n - 1] != '/' && hp_str_ieq(hp_str_cut(p, p.n - n, p.n), FORMS[i].suffix))
            return FORMS[i].form;
    }
    return HP_REPORT_NONE;
}
