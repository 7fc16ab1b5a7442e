package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Each mistake in arguments is one line, in plain words, and status 125. */
class BadArgumentsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        foo                          | there is no command 'foo' (see 'javisor --help')
        stat                         | there is no command 'stat'; did you mean stats or start? (see 'javisor --help')
        -z                           | there is no option '-z' (see 'javisor --help')
        ps x                         | 'x' is too much: javisor ps takes options only (see 'javisor ps --help')
        logs a b                     | 'b' is too much: javisor logs takes NAME only (see 'javisor logs --help')
        rename a b c                 | 'c' is too much: javisor rename takes NAME and NEW-NAME only (see 'javisor rename --help')
        run --bogus=3                | there is no option '--bogus' (see 'javisor run --help')
        run --memroy 1M              | there is no option '--memroy'; did you mean --memory? (see 'javisor run --help')
        run --cpus two               | --cpus is a whole number, not 'two' (see 'javisor run --help')
        run -c 9999999999            | --cpus is a whole number of at most 9 digits, not '9999999999' (see 'javisor run --help')
        run --memory                 | --memory needs a value: SIZE (see 'javisor run --help')
        run --memory --cpus 1        | --memory needs a value: SIZE (see 'javisor run --help')
        run -m 1M -m 2M              | --memory is given more than once; give it once (see 'javisor run --help')
        run --no-reboot --reboot     | --reboot is given more than once; give it once (see 'javisor run --help')
        run --reboot=maybe           | --reboot takes no value; leave out 'maybe' (see 'javisor run --help')
        run --stats=xml              | --stats is table or json, not 'xml' (see 'javisor run --help')
        ps --log-format xml          | --log-format is text or json, not 'xml' (see 'javisor ps --help')
        stats --interval x           | --interval is a number, not 'x' (see 'javisor stats --help')
        stats --no-stream=x          | --stream is true or false, not 'x' (see 'javisor stats --help')
        stop                         | NAME is missing (see 'javisor stop --help')
        resize web                   | DEVICE is missing (see 'javisor resize --help')
        resize web disk0             | SIZE is missing (see 'javisor resize --help')
        """)
    void oneLineInPlainWords(String arguments, String line) {
        assertEquals("javisor: " + line + System.lineSeparator(), answer(arguments.split(" ", -1)));
    }

    /** Whatever is in them, for a terminal might obey it. */
    @Test
    void oneLineWithoutControlCharacters() {
        assertEquals(
                "javisor: there is no command 'ps; x?[2J' (see 'javisor --help')" + System.lineSeparator(),
                answer("ps\nx\u001b[2J"));
        assertEquals(
                "javisor: --cpus is a whole number, not '1; 2' (see 'javisor run --help')" + System.lineSeparator(),
                answer("run", "--cpus", "1\n2"));
    }

    private static String answer(String... words) {
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine(words);
        commandLine.setErr(new PrintWriter(err, true));
        assertEquals(ExitStatus.OWN_ERROR, commandLine.execute(words));
        return err.toString();
    }
}
