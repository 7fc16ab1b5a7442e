package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.OciException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What may be wrong with the arguments of the commands for images: found before a store is opened, said in one line. */
class ImageArgumentsTest {
    private record Answer(int status, String err) {}

    private static Answer answer(String... words) {
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine(words);
        commandLine.setErr(new PrintWriter(err, true));
        int status = commandLine.execute(words);
        return new Answer(status, err.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                "pull => IMAGE is missing (see 'javisor pull --help')",
                "pull a b => 'b' is too much: javisor pull takes IMAGE only (see 'javisor pull --help')",
                "pull -a x => there is no option '-a' (see 'javisor pull --help')",
                "pull --progress x y => --progress is auto or plain or json, not 'x' (see 'javisor pull --help')",
                "pull --platform a/b/c/d x => --platform: \"a/b/c/d\": is an invalid platform; it is written"
                        + " linux/amd64 (see 'javisor pull --help')",
                "push => IMAGE is missing (see 'javisor push --help')",
                "images a b => 'b' is too much: javisor images takes REPOSITORY[:TAG] only (see 'javisor images"
                        + " --help')",
                "images --filter x => --filter: invalid filter 'x'; there are dangling=true|false, reference=NAME and"
                        + " label=KEY[=VALUE] (see 'javisor images --help')",
                "images -f since=x => --filter: invalid filter 'since'; there are dangling=true|false, reference=NAME"
                        + " and label=KEY[=VALUE] (see 'javisor images --help')",
                "images -f dangling=x => --filter: invalid filter 'dangling=x'; it is true or false (see 'javisor"
                        + " images --help')",
                "images a[ => --filter: invalid pattern 'a[' (see 'javisor images --help')",
                "images --format {{.Id}} => --format: there is no field .Id; there are .CreatedAt, .CreatedSince,"
                        + " .Digest, .ID, .Repository, .Size, .Tag (see 'javisor images --help')",
                "image ls --format {{if}} => --format: '{{if}}' is not understood; a template has fields, as '{{.ID}}',"
                        + " and '{{json .}}' (see 'javisor image ls --help')",
                "history => IMAGE is missing (see 'javisor history --help')",
                "history --format xml a => --format: 'xml' is neither table nor json, nor a template, which has fields"
                        + " in braces: '{{.ID}}' (see 'javisor history --help')",
                "rmi => IMAGE is missing (see 'javisor rmi --help')",
                "image rm => IMAGE is missing (see 'javisor image rm --help')",
                "tag a => TARGET is missing (see 'javisor tag --help')",
                "save => IMAGE is missing (see 'javisor save --help')",
                "save --format tar a => --format is docker-archive or oci-archive or oci-dir, not 'tar' (see 'javisor"
                        + " save --help')",
                "save --format oci-dir a => --format oci-dir needs --output DIR (see 'javisor save --help')",
                "load x => 'x' is too much: javisor load takes options only (see 'javisor load --help')",
                "image => missing command; try 'javisor image ls' (see 'javisor image --help')",
                "image lst => there is no command 'lst'; did you mean ls or list? (see 'javisor image --help')",
                "image inspect --format {{ a => --format: '{{' has no '}}' (see 'javisor image inspect --help')",
                "system => missing command; try 'javisor system df' (see 'javisor system --help')",
                "system df --format {{.X}} => --format: there is no field .X; there are .Active, .Reclaimable, .Size,"
                        + " .TotalCount, .Type (see 'javisor system df --help')",
                "login --password-stdin => --password-stdin goes with --username NAME (see 'javisor login --help')"
            })
    void areOwnErrors(String words, String expected) {
        assertEquals(
                new Answer(ExitStatus.OWN_ERROR, "javisor: " + expected + System.lineSeparator()),
                answer(words.split(" ", -1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            value = {
                "pull FOO => invalid reference format: repository name must be lowercase: FOO",
                "tag a b@sha256:0 => invalid reference format",
                "push a@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 => cannot push a digest"
                        + " reference",
                "login a:b:c => invalid registry: a:b:c; it is written HOST[:PORT]"
            })
    void whatIsNoNameIsTheCommandsFailure(String words, String expected) {
        Answer answer = answer(words.split(" ", -1));
        assertEquals(1, answer.status(), answer::err);
        assertTrue(answer.err().startsWith("javisor: " + expected), answer::err);
        assertEquals(1, answer.err().lines().count(), answer::err);
    }

    @Command(name = "other", exitCodeOnExecutionException = ExitStatus.OWN_ERROR)
    private static final class Other implements Callable<Integer> {
        @Override
        public Integer call() {
            throw new OciException("No such image: x");
        }
    }

    /** Each command says which status an image that is not there has. */
    @Test
    void anotherCommandHasAStatusOfItsOwn() {
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine("ps").addSubcommand(new Other());
        commandLine.setExecutionExceptionHandler(ErrorMessages::onFailure);
        commandLine.setErr(new PrintWriter(err, true));
        assertEquals(ExitStatus.OWN_ERROR, commandLine.execute("other"));
        assertEquals("javisor: No such image: x" + System.lineSeparator(), err.toString());
    }

    /** A start loads what it needs. */
    @ParameterizedTest
    @ValueSource(strings = {"pull", "push", "images", "rmi", "tag", "save", "load", "history", "login", "logout"})
    void eachIsThereAlone(String name) {
        Map<String, CommandLine> commands = Main.commandLine(name).getSubcommands();
        assertEquals(Set.of(name), commands.keySet());
        commands.values()
                .forEach(command ->
                        assertEquals("javisor " + name, command.getCommandSpec().qualifiedName()));
    }
}
