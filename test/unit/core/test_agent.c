/*
 * test_agent.c - the key agent's messages: what is written is read again, and nothing is read that is not there.
 */
#include "agent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void heads_are_read_as_written(void **state)
{
    uint8_t head[EKOK_AGENT_HEAD];
    ekok_agent_head read;
    (void)state;
    ekok_agent_head_write((ekok_agent_head){EKOK_AGENT_DO_FIND, 0x01020304}, head);
    assert_memory_equal(head, "\1\2\0\0\1\2\3\4", sizeof head);
    assert_true(ekok_agent_head_read(head, &read));
    assert_int_equal(read.kind, EKOK_AGENT_DO_FIND);
    assert_int_equal(read.size, 0x01020304);
    for (size_t i = 0; i < 4;
         i++) { /* another version, or bits without a meaning; the kind is the reader's affair */
        head[i] ^= 0x40;
        assert_true(ekok_agent_head_read(head, &read) == (i == 1));
        head[i] ^= 0x40;
    }
}

static void a_short_message_stays_short(void **state)
{
    uint8_t memory[64];
    ekok_agent_out out = ekok_agent_write(memory, sizeof memory);
    (void)state;
    ekok_agent_put_number(&out, 7, 1);
    ekok_agent_put_text(&out, (ekok_span){"nid", 3});
    ekok_agent_put_bytes(&out, (ekok_span){"value", 5});
    assert_true(out.whole);
    assert_int_equal(out.size, 1 + 1 + 3 + 4 + 5);
    for (size_t n = 0; n <= out.size; n++) {
        ekok_agent_in in = {{(const char *)memory, n}, true};
        uint32_t number = ekok_agent_take_number(&in, 1);
        ekok_span text = ekok_agent_take_text(&in), bytes = ekok_agent_take_bytes(&in);
        assert_true(ekok_agent_taken(&in) == (n == out.size));
        assert_true(n < 1 || number == 7);
        assert_true(text.n == (n < 5 ? 0 : 3) && bytes.n == (n < out.size ? 0 : 5));
    }
    ekok_agent_in more = {{(const char *)memory, out.size + 1}, true};
    (void)ekok_agent_take(&more, out.size);
    assert_false(ekok_agent_taken(&more));
}

static void what_does_not_fit_is_refused(void **state)
{
    uint8_t memory[300];
    char text[256] = "";
    ekok_agent_out out = ekok_agent_write(memory, 4);
    (void)state;
    ekok_agent_put_bytes(&out, (ekok_span){"x", 1});
    assert_false(out.whole);
    ekok_agent_put_number(&out, 1, 1); /* there was room, but the message is not whole any more */
    assert_false(out.whole);
    out = ekok_agent_write(memory, sizeof memory);
    ekok_agent_put_number(&out, 256, 1);
    assert_false(out.whole);
    out = ekok_agent_write(memory, sizeof memory);
    ekok_agent_put_text(&out, (ekok_span){text, sizeof text});
    assert_false(out.whole);
    out = ekok_agent_write(memory, sizeof memory);
    ekok_agent_put_text(&out, (ekok_span){text, sizeof text - 1});
    assert_true(out.whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(heads_are_read_as_written),
                                       cmocka_unit_test(a_short_message_stays_short),
                                       cmocka_unit_test(what_does_not_fit_is_refused)};
    return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
