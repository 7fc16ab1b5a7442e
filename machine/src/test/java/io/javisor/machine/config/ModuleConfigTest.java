package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModuleConfigTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.img                  | a.img   | ''",
                "/a b.img,args=x y=z    | /a b.img | x y=z",
                "path=a=b,args=         | a=b     | ''",
                "a,,b,args=1,,2         | a,b     | 1,2",
            })
    void readsAndWrites(String text, String path, String args) {
        ModuleConfig module = ModuleConfig.parse(text);
        assertEquals(new ModuleConfig(Path.of(path), args), module);
        assertEquals(module, ModuleConfig.parse(module.toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"      | '' lacks the module's path: write [path=]FILE[,args=TEXT]",
                "args=x    | 'args=x' lacks the module's path: write [path=]FILE[,args=TEXT]",
                "a,x=y     | 'x' is not known; known are args, path",
                "a,arg=y   | 'arg' is not known; did you mean 'args'?",
                "a,args,args | 'args' is there twice",
            })
    void refuses(String text, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> ModuleConfig.parse(text))
                        .getMessage());
    }

    @Test
    void movesWithItsArguments() {
        assertEquals(
                new ModuleConfig(Path.of("/b"), "x"),
                ModuleConfig.parse("a,args=x").at(Path.of("/b")));
    }
}
