"""The helper functions that the original's patches had, for patches of one's own."""

from __future__ import annotations

from redipy.plugin import HelperFunction


class PairlistScores(HelperFunction):
    """Members and scores in turns as a list of pairs."""

    @staticmethod
    def name() -> str:
        return "pairlist_scores"

    @staticmethod
    def args() -> str:
        return "flat"

    @staticmethod
    def body() -> str:
        return """
            local pairs = {}
            for at = 1, #flat, 2 do
                pairs[#pairs + 1] = {flat[at], tonumber(flat[at + 1])}
            end
            return pairs
        """


class PairlistDict(HelperFunction):
    """Keys and values in turns as a dictionary."""

    @staticmethod
    def name() -> str:
        return "pairlist_dict"

    @staticmethod
    def args() -> str:
        return "flat"

    @staticmethod
    def body() -> str:
        return """
            local dict = {}
            for at = 1, #flat, 2 do
                dict[flat[at]] = flat[at + 1]
            end
            return dict
        """


class KeyvalDict(HelperFunction):
    """Values and their keys as a dictionary."""

    @staticmethod
    def name() -> str:
        return "keyval_dict"

    @staticmethod
    def args() -> str:
        return "values, ..."

    @staticmethod
    def body() -> str:
        return """
            local dict = {}
            for at, key in ipairs({...}) do
                dict[key] = values[at] or cjson.null
            end
            return dict
        """


class NilOrIndex(HelperFunction):
    """A position that counts from 1 as an index that counts from 0."""

    @staticmethod
    def name() -> str:
        return "nil_or_index"

    @staticmethod
    def args() -> str:
        return "position"

    @staticmethod
    def body() -> str:
        return """
            return position and position - 1
        """


class AsIntStr(HelperFunction):
    """The largest whole number that is not greater."""

    @staticmethod
    def name() -> str:
        return "asintstr"

    @staticmethod
    def args() -> str:
        return "number"

    @staticmethod
    def body() -> str:
        return """
            return math.floor(number)
        """
